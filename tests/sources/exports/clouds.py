"""Exports in the style of Salesforce, HubSpot and Zoho CRM, with invented people; what each gives is known by hand.

Each function returns file name -> rows. Titles are those of the tool where they are known, in its own case and order.
"""
# ruff: noqa: E501 - rows are easier to read on one line each

TASK = (
    "Id,WhoId,WhatId,Subject,ActivityDate,Status,Priority,OwnerId,Description,Type,IsDeleted,AccountId,IsClosed,CreatedDate,"
    "CreatedById,LastModifiedDate,LastModifiedById,SystemModstamp,IsArchived,ActivityOriginType,CallDurationInSeconds,"
    "CallType,CallDisposition,CallObject,ReminderDateTime,IsReminderSet,RecurrenceActivityId,IsRecurrence,"
    "RecurrenceStartDateOnly,RecurrenceEndDateOnly,RecurrenceTimeZoneSidKey,RecurrenceType,RecurrenceInterval,"
    "RecurrenceDayOfWeekMask,RecurrenceDayOfMonth,RecurrenceInstance,RecurrenceMonthOfYear"
)
CALL_REPORT = "Assigned,Call Disposition,Date,Company / Account,Contact,Call Duration (seconds)"
LEADS_EN = "Lead Owner,First Name,Last Name,Title,Company / Account,Lead Source,Rating,Street,Email"
LEADS_FR = (
    "ID de piste,Société/Compte,Origine de la piste,Propriétaire de la piste,Statut de la piste,Dernière modification"
)
DEALS_EN = (
    "Record ID,Deal Name,Deal Stage,Amount,Close Date,Deal owner,Pipeline,Create Date,Associated Company,"
    "Associated Company IDs,Associated Contact,Associated Contact IDs,Last Activity Date"
)
DEALS_FR = (
    "ID de fiche d'informations,Nom de la transaction,Phase de la transaction,Pipeline,Montant,Date de fermeture,"
    "Date de création,Propriétaire de la transaction,Collaborateur de transaction,Description de la transaction,"
    "Associated Company (Primary)"
)
CONTACTS_EN = (
    "Record ID,First Name,Last Name,Email,Phone Number,Mobile Phone Number,Job Title,Company Name,Contact owner,"
    "Lifecycle Stage,Lead Status,Create Date"
)
CONTACTS_FR = "ID de fiche d'informations,Prénom,Nom,E-mail,Numéro de téléphone,Propriétaire du contact"
ZOHO_CALLS = (
    "Record Id,Call Owner.id,Call Owner,Subject,Call Type,Call Purpose,Contact Name.id,Contact Name,Related To.id,Related To,"
    "Call Start Time,Call Duration (in seconds),Call Status,Call Result,Call Agenda,Caller ID,Dialled Number,Voice Recording,"
    "Description,Created By.id,Created By,Created Time,Modified Time,Last Activity Time"
)
ZOHO_DEALS = (
    "Record Id,Deal Owner.id,Deal Owner,Deal Name,Account Name.id,Account Name,Contact Name.id,Contact Name,Pipeline.id,"
    "Pipeline,Sub-Pipeline,Stage,Amount,Currency,Probability (%),Expected Revenue,Closing Date,Type,Next Step,"
    "Reason For Loss,Description,Created By.id,Created By,Modified By.id,Modified By,Created Time,Modified Time,"
    "Last Activity Time"
)
GUIDS = {
    "Connected": "f240bbac-87c9-4f6e-bf70-924b57d47db7", "Left voicemail": "b2cf5968-551e-4856-9783-52b3da59a7d0",
    "No answer": "73a0d17f-1163-4015-bdd5-ec830791da20", "Busy": "9d9162e7-6cf3-4944-bf63-4dff82258764",
}  # fmt: skip
REPS = ("Inès Moreau", "Paul Witczak")
USERS = ("005E0000001eioUIAQ", "0051G000005Mun4QAC")
SHORT = tuple(user[:15] for user in USERS)
LEADS = ("00Q1G00000nDnM5UAK", "00QE000000LVhfOMAT")


def full(titles, **cells):
    """A row with every title of the tool; those of ``cells`` are filled."""
    row = dict.fromkeys(titles.split(","), "")
    assert set(cells) <= set(row)
    return {**row, **cells}


def salesforce(*, upper=False):
    """Objects by API name. Per rep: four calls (one logged by hand), an e-mail, an open task, and two events.

    Tasks name their owner by 15 characters, users by 18; times are Greenwich time without a zone.
    """
    results = ("Meaningful Connect", "Left Voicemail", "Call Back Later", "No Answer")
    tasks, events = [], []
    for r, user in enumerate(USERS):
        common = {"OwnerId": SHORT[r], "WhoId": LEADS[r], "Status": "Completed", "IsClosed": "1", "IsDeleted": "0"}
        for n, result in enumerate(results):
            own = {"Id": f"00T1G00003Ufa{r}{n}", "Subject": "Call", "CallDisposition": result, "TaskSubtype": "Call"}
            own |= {"Type": "Call", "CallDurationInSeconds": "95", "CallType": "Outbound"}
            own |= {"ActivityDate": f"2026-03-0{2 + n}", "CompletedDateTime": f"2026-03-0{2 + n} 08:30:00"}
            tasks.append({**common, **own, **({"TaskSubtype": "Task"} if n == 3 else {})})
        mail = {"Id": f"00T1G00003Ufa{r}8", "Subject": "Mail", "TaskSubtype": "Email", "ActivityDate": "2026-03-05"}
        todo = {"Id": f"00T1G00003Ufa{r}9", "Subject": "To do", "TaskSubtype": "Call", "ActivityDate": "2026-03-09"}
        tasks += [{**common, **mail}, {**common, **todo, "Status": "Not Started", "IsClosed": "0"}]
        for n, (no_show, who) in enumerate((("0", LEADS[r]), ("1", LEADS[r]), ("0", ""))):
            events.append({
                "Id": f"00U1G00000DEa{r}{n}", "Subject": "Demo", "OwnerId": USERS[1], "CreatedById": user, "WhoId": who,
                "CreatedDate": "2026-03-04 10:00:00", "StartDateTime": f"2026-03-1{n} 10:00:00", "DurationInMinutes": "30",
                "ActivityDate": f"2026-03-1{n}", "IsChild": "0", "IsDeleted": "0", "No_Show__c": no_show,
                "First_Meeting_Held__c": "1" if n == 0 and r == 0 else "0",
            })  # fmt: skip
    titles = list(dict.fromkeys([*TASK.split(","), "TaskSubtype", "CompletedDateTime"]))
    users = [
        {"Id": u, "Username": f"u{i}", "Name": REPS[i], "Email": f"{i}@acme.example", "ProfileId": "00e"}
        for i, u in enumerate(USERS)
    ]
    leads = [
        {"Id": lead, "Company": "Z", "Status": "New", "IsConverted": "0", "OwnerId": SHORT[i], "LeadSource": "Webinar",
         "CreatedDate": "2026-02-01 08:00:00", "Title": "Buyer", "IsDeleted": "0"}
        for i, lead in enumerate(LEADS)
    ]  # fmt: skip
    deals = [
        {"Id": f"006q000000Hdd{i}A", "StageName": stage, "IsWon": won, "IsClosed": closed, "CloseDate": "2026-06-30",
         "CreatedDate": "2026-03-12 09:00:00", "OwnerId": USERS[1], "CreatedById": USERS[0], "AccountId": "0011G00000eLwuWQAS",
         "Amount": "1200.50", "CurrencyIsoCode": "EUR", "IsDeleted": deleted}
        for i, (stage, won, closed, deleted) in enumerate(
            [("Closed Won", "1", "1", "0"), ("Trop cher", "0", "1", "0"), ("Démo", "0", "0", "0"), ("Démo", "0", "0", "1")]
        )
    ]  # fmt: skip
    files = {"Task": [dict.fromkeys(titles, "") | t for t in tasks], "Event": events, "User": users, "Lead": leads}
    files["Opportunity"] = deals
    return {n: [{(k.upper() if upper else k): v for k, v in row.items()} for row in rs] for n, rs in files.items()}


def salesforce_reports(language="en"):
    """A report of six calls and a total, and one of two leads."""
    results = {
        "en": ("Interested", "Not Interested", "Left Voicemail"),
        "fr": ("Intéressé", "Pas intéressé", "Messagerie"),
    }
    titles = (
        CALL_REPORT
        if language == "en"
        else "Attribué à,Résultat de l'appel,Date,Société/Compte,Contact,Durée de l'appel"
    )
    days = ("2026-03-0{} 14:30:00", "0{}/03/2026 14:30")[language == "fr"]
    calls = [
        dict(zip(titles.split(","), (rep, result, days.format(2 + n), "Acme", f"{n}@acme.example", "180"), strict=True))
        for rep in REPS for n, result in enumerate(results[language])
    ]  # fmt: skip
    total = dict(zip(titles.split(","), ("Total", "", "", "", "", "1080"), strict=True))
    if language == "en":
        leads = [
            full(LEADS_EN, **{"Lead Owner": rep, "Lead Source": "Web", "Email": f"{rep}@x.example"}) for rep in REPS
        ]
    else:
        own = ("ID de piste", "Propriétaire de la piste", "Origine de la piste")
        leads = [full(LEADS_FR, **dict(zip(own, (f"P{r}", r, "Site web"), strict=True))) for r in REPS]
    return {"report1": [*calls, total], "report2": leads}


def hubspot(language="en"):
    """Exports: per rep four calls, a mail and two meetings (labels known in English only); deals and contacts."""
    titles = CONTACTS_EN if language == "en" else CONTACTS_FR
    owner = "Contact owner" if language == "en" else "Propriétaire du contact"
    contacts = [
        full(titles, **{titles.split(",")[0]: f"510{i}", owner: rep, titles.split(",")[1]: "Gaëlle"})
        for i, rep in enumerate(REPS)
    ]
    stages = {
        "en": ("Closed Won", "Closed Lost", "Contract Sent"),
        "fr": ("Fermé gagné", "Fermé perdu", "Contrat envoyé"),
    }
    deals = []
    for n, stage in enumerate(stages[language]):
        day, later = (("2026-03-12 09:31", "2026-06-30 09:31"), ("12/03/2026 09:31", "30/06/2026 09:31"))[
            language == "fr"
        ]
        if language == "en":
            deals.append(full(DEALS_EN, **{
                "Record ID": f"90{n}", "Deal Name": "Ovens", "Deal Stage": stage, "Amount": "1200.50", "Close Date": later,
                "Deal owner": REPS[1], "Create Date": day, "Associated Company": "Durand (5551)",
                "Associated Company IDs": "5551", "Associated Contact IDs": "5100;5101",
            }))  # fmt: skip
        else:
            deals.append(full(DEALS_FR, **{
                "ID de fiche d'informations": f"90{n}", "Nom de la transaction": "Fours", "Phase de la transaction": stage,
                "Montant": "1 200,50", "Date de fermeture": later, "Date de création": day,
                "Propriétaire de la transaction": REPS[1], "Collaborateur de transaction": REPS[0],
                "Associated Company (Primary)": "Boulangeries Durand (5551)",
            }))  # fmt: skip
    files = {"deals": deals, "contacts": contacts}
    return {**files, **_activities()} if language == "en" else files


def _activities():
    calls, mails, meetings = [], [], []
    for r, rep in enumerate(REPS):
        common = {"Activity assigned to": rep, "Associated Contact": f"Gaëlle Perrin (510{r})"}
        for n, outcome in enumerate(GUIDS):
            calls.append({
                "Record ID": f"1{r}{n}", "Activity date": f"2026-03-0{2 + n} 09:31", "Call outcome": outcome,
                "Call status": "Completed", "Call direction": "Outbound", "Call duration": "61500", **common,
            })  # fmt: skip
        mails.append({"Record ID": f"2{r}", "Activity date": "2026-03-03 10:00", "Email direction": "EMAIL",
                      "Email send status": "SENT", **common})  # fmt: skip
        for n, outcome in enumerate(("COMPLETED", "NO_SHOW")):
            meetings.append({"Record ID": f"3{r}{n}", "Meeting outcome": outcome, "Create date": "2026-03-04 09:00",
                             "Meeting start time": f"2026-03-1{n} 10:00", **common})  # fmt: skip
    calls.append({**calls[0], "Record ID": "199", "Activity assigned to": ""})
    return {"calls": calls, "emails": mails, "meetings": meetings}


def hubspot_records():
    """Calls, meetings and owners by the names of the interface: GUIDs, milliseconds, owners by number."""
    calls = [
        {"hs_object_id": f"1{r}{n}", "hs_timestamp": f"2026-03-0{2 + n}T08:31:00.000Z", "hubspot_owner_id": f"7{r}",
         "hs_call_disposition": guid, "hs_call_status": "COMPLETED", "hs_call_direction": "OUTBOUND", "hs_call_duration": "61500"}
        for r in range(2) for n, guid in enumerate(GUIDS.values())
    ]  # fmt: skip
    meetings = [
        {"hs_object_id": f"3{r}", "hubspot_owner_id": f"7{r}", "hs_meeting_outcome": "CANCELED",
         "hs_meeting_start_time": "1773133200000", "hs_createdate": "2026-03-04T09:00:00Z"}
        for r in range(2)
    ]  # fmt: skip
    owners = [
        {"id": f"7{r}", "email": f"{r}@acme.example", "lastName": rep, "userId": "1"} for r, rep in enumerate(REPS)
    ]
    return {"calls": calls, "meetings": meetings, "owners": owners}


def zoho():
    """Per rep: an answered call of 95 s and one of 6, two that nobody answered, one that is only planned; deals; a meeting."""
    calls, meetings, deals = [], [], []
    kinds = (
        ("Attended Dialled", "95"),
        ("Attended Dialled", "6"),
        ("Unattended Dialled", "0"),
        ("Missed", "0"),
        ("Overdue", ""),
    )
    for r, rep in enumerate(REPS):
        who = {"Contact Name.id": f"zcrm_580502800000000{r}001"}
        for n, (status, seconds) in enumerate(kinds):
            calls.append(full(ZOHO_CALLS, **who, **{
                "Record Id": f"zcrm_58050280000{r}{n}00001", "Call Owner.id": f"zcrm_580502800009{r}", "Call Owner": rep,
                "Call Type": "Inbound" if status == "Missed" else "Outbound", "Call Start Time": f"2026-05-0{4 + n} 14:00:00",
                "Call Duration (in seconds)": seconds, "Call Status": status,
            }))  # fmt: skip
        meetings.append({"Record Id": f"zcrm_99{r}", "Event Owner.id": f"zcrm_580502800009{r}", "Event Owner": rep,
                         "Title": "Demo", "From": "2026-05-12 10:00:00", "Created Time": "2026-05-06 10:00:00", **who})  # fmt: skip
    for n, stage in enumerate(("Closed Won", "Closed Lost", "Qualification")):
        deals.append(full(ZOHO_DEALS, **{
            "Record Id": f"zcrm_77{n}", "Deal Owner.id": "zcrm_5805028000091", "Deal Owner": REPS[1], "Stage": stage,
            "Created By.id": "zcrm_5805028000090", "Created By": REPS[0], "Amount": "1200.5", "Currency": "EUR",
            "Closing Date": "2026-06-30", "Created Time": "2026-05-07 10:00:00",
        }))  # fmt: skip
    return {"Calls_2026_05_26": calls, "Meetings_2026_05_26": meetings, "Deals_2026_05_26": deals}
