"""A small statistics library: pure numbers in, pure numbers out; it knows nothing of tables, people or words.

Fair comparison: ``expected`` (what colleagues would have done), ``dispersion`` (how much results vary), ``posterior``
and ``evalue`` (the two keys), ``multiplicity`` (many claims at once), ``comparison`` (all of it together), ``plan``
(how much data).
"""
