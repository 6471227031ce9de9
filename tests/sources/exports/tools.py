"""Exports in the style of dialers, engagement tools, mailers and lead lists, with invented people.

Each function returns file name -> rows; what they give is known by hand. Titles are the tool's own where known.
"""

from tests.sources.exports import save

PEOPLE = (("51", "Inès Moreau", "ines@acme.example"), ("52", "Paul Witczak", "paul@acme.example"))
BOSS = ("53", "Ada Boss", "ada@acme.example")
GUIDS = {"51": "54713f8f-6283-453f-84da-e27e28223e8c", "52": "58d151f8-9b0b-4422-858a-40ea165edc46", "53": "0-0"}

AIRCALL = (
    "line,datetime (tz offset incl.),number timezone,datetime (utc),country_code,direction,from,to,answered,"
    "missed_call_reason,user,duration (total),duration (in call),voicemail,recording,comments,tags,call quality,"
    "team,call direction - type,call start time,call end time,aircall number,customer number,in-call duration,"
    "call id,call type,waiting time,time to answer,time in ivr,call id (internal),disconnected by,ivr branch,"
    "ivr widget,call timeline,callback details,callback failure,automatic callback pending time,"
    "time with ai voice agent,entry number,ai voice agent transfer branch"
)
APOLLO = (
    "First Name,Last Name,Title,Company,Company Name for Emails,Email,Email Status,Primary Email Source,"
    "Email Confidence,Primary Email Catch-all Status,Primary Email Last Verified At,Seniority,Departments,"
    "Contact Owner,Work Direct Phone,Home Phone,Mobile Phone,Corporate Phone,Other Phone,Stage,Lists,"
    "Last Contacted,Account Owner,# Employees,Industry,Keywords,Person Linkedin Url,Website,Company Linkedin Url,"
    "Facebook Url,Twitter Url,City,State,Country,Company Address,Company City,Company State,Company Country,"
    "Company Phone,Technologies,Annual Revenue,Total Funding,Latest Funding,Latest Funding Amount,Last Raised At,"
    "Subsidiary of,Email Sent,Email Open,Email Bounced,Replied,Demoed,Number of Retail Locations,"
    "Apollo Contact Id,Apollo Account Id,Secondary Email,Secondary Email Source,Tertiary Email,"
    "Tertiary Email Source"
)
ZOOMINFO = (
    "ZoomInfo Contact ID,Last Name,First Name,Middle Name,Salutation,Suffix,Job Title,Job Title Hierarchy Level,"
    "Management Level,Job Start Date,Job Function,Department,Company Division Name,Direct Phone Number,"
    "Email Address,Email Domain,Mobile phone,Last Job Change Type,Last Job Change Date,Previous Job Title,"
    "Previous Company Name,Previous Company ZoomInfo Company ID,Previous Company LinkedIn Profile,"
    "Highest Level of Education,Contact Accuracy Score,Contact Accuracy Grade,ZoomInfo Contact Profile URL,"
    "LinkedIn Contact Profile URL,Notice Provided Date,Person Street,Person City,Person State,Person Zip Code,"
    "Country,ZoomInfo Company ID,Company Name"
)


def full(titles, **cells):
    """A row with all titles of an export; ``cells`` by title, with _ for what a name cannot hold."""
    row = dict.fromkeys(titles.split(","), "")
    names = {"".join(c if c.isalnum() else "_" for c in title): title for title in row}
    return row | {names[name]: cell for name, cell in cells.items()}


def lines(titles, *rows):
    """Rows of a few columns, cells separated as the titles are."""
    return [dict(zip(titles.split(","), row, strict=True)) for row in rows]


def write(folder, exports, delimiter=",", encoding="utf-8"):
    """Save files under their names; returns the folder as text."""
    for name, rows in exports.items():
        save(folder / f"{name}.csv", rows, delimiter, encoding)
    return str(folder)


def aircall():
    """Per rep: a conversation, one too short, a voicemail and a meeting by tag, a miss. One call nobody took."""
    kinds = (
        ("Yes", "486", ""),
        ("Yes", "12", ""),
        ("Yes", "95", "Répondeur"),
        ("Yes", "60", "VIP, RDV pris"),
        ("No", "", ""),
    )
    rows = [
        full(
            AIRCALL,
            line="Sales",
            datetime__utc_=f"2026-03-02 {8 + number:02}:15:00",
            number_timezone="Europe/Paris",
            datetime__tz_offset_incl__=f"2026-03-02 {9 + number:02}:15:00",
            direction="outbound",
            answered=answered,
            user=name,
            duration__in_call_=seconds,
            tags=tags,
            team="Nord",
            customer_number=f"+3360000000{number}",
            call_id=f"CA{own}{number}",
        )
        for own, name, _ in PEOPLE
        for number, (answered, seconds, tags) in enumerate(kinds)
    ]
    nobody = {**rows[0], "user": "[No associated user]", "answered": "No", "direction": "inbound", "call id": "CA0"}
    return {"aircall_calls_export_en": [*rows, nobody]}


def outreach():
    """Per rep: a conversation, a miss, a voicemail; a reply, a bounce, a silent mail and a scheduled one."""
    calls, mails = [], []
    for own, _, mail in PEOPLE:
        for number, (outcome, disposition) in enumerate((("Answered", "1"), ("No Answer", ""), ("Answered", "2"))):
            calls.append(
                (
                    f"{own}{number}",
                    own,
                    "900",
                    f"2026-03-02T09:0{number}:00.000Z",
                    "outbound",
                    outcome,
                    disposition,
                    "7",
                )
            )
        for number, (sent, bounced, replied, state) in enumerate(
            (
                ("03", "", "04", "replied"),
                ("", "03", "", "bounced"),
                ("03", "", "", "delivered"),
                ("", "", "", "scheduled"),
            )
        ):
            days = [f"2026-03-{d}T08:00:00.000Z" if d else "" for d in (sent, bounced, replied)]
            mails.append((f"{own}{number}", mail, "900", state, "2026-03-01T08:00:00.000Z", *days, "7"))
    return {
        "calls": lines("id,userId,prospectId,dialedAt,direction,outcome,callDispositionId,sequenceId", *calls),
        "call_dispositions": lines("id,name", ("1", "Meaningful Connect"), ("2", "Left Voicemail")),
        "mailings": lines(
            "id,mailboxAddress,prospectId,state,createdAt,deliveredAt,bouncedAt,repliedAt,sequenceId", *mails
        ),
        "users": lines(
            "id,name,email,onboardedAt", *((i, n, m, "2025-01-06T00:00:00Z") for i, n, m in (*PEOPLE, BOSS))
        ),
        "prospects": lines(
            "id,accountId,createdAt,personaId,source,title,touchedAt,engagedAt",
            ("900", "1", "2026-02-01T00:00:00Z", "3", "Salon", "CTO", "", ""),
        ),
        "opportunities": lines(
            "id,prospectingRepId,ownerId,accountId,createdAt,closeDate,opportunityStageId,amount",
            ("1", "51", "53", "1", "2026-03-01T00:00:00Z", "2026-03-20T00:00:00Z", "8", "1000"),
            ("2", "52", "53", "1", "2026-03-01T00:00:00Z", "2026-03-20T00:00:00Z", "9", "500"),
            ("3", "51", "53", "1", "2026-03-01T00:00:00Z", "2026-04-20T00:00:00Z", "7", "200"),
        ),
        "opportunity_stages": lines(
            "id,name,isWon,isClosed",
            ("7", "Demo", "false", "false"),
            ("8", "Won", "true", "true"),
            ("9", "Lost", "false", "true"),
        ),
    }


def salesloft(mark="."):
    """Per rep: three calls; a reply, a bounce and a silent mail; a meeting ahead, a cancelled and a missed one."""
    calls, mails, meets = [], [], []
    for own, _, _ in PEOPLE:
        for number, said in enumerate(("Connected", "No Answer", "Left Voicemail")):
            calls.append(
                (f"{own}{number}", own, "900", f"2026-03-02T09:0{number}:00.1-05:00", "61", said, "Customer", "5")
            )
        for number, (bounced, replies) in enumerate((("false", "1"), ("true", "0"), ("false", "0"))):
            mails.append((f"{own}{number}", own, "900", "2026-03-03T09:00:00.5-05:00", bounced, replies, "5"))
        for number, (gone, missed) in enumerate((("", "false"), ("2026-03-04T08:00:00Z", "false"), ("", "true"))):
            meets.append(
                (f"{own}{number}", GUIDS[own], "900", "2026-03-03T10:00:00Z", "2026-03-05T09:00:00Z", gone, missed)
            )
    titles = {
        "calls": "id,user.id,called_person.id,created_at,duration,disposition,sentiment,cadence.id",
        "emails": "id,user.id,recipient.id,sent_at,bounced,counts.replies,cadence.id",
        "meetings": "id,booked_by_user.id,person.id,created_at,start_time,canceled_at,no_show",
    }
    rows = {"calls": calls, "emails": mails, "meetings": meets}
    users = [(i, GUIDS[i], n, m, "Sales") for i, n, m in (*PEOPLE, BOSS)]
    return {
        **{name: lines(titles[name].replace(".", mark), *rows[name]) for name in titles},
        "users": lines("id,guid,name,email,job_role", *users),
        "cadences": lines("id,name,team_cadence", ("5", "Spring", "true")),
    }


def copper():
    """Per rep: two calls, a mail and a meeting; a note that is none of these; three deals."""
    acts = [
        (f"{own}{number}", kind, own, str(1772442000 + 3600 * number), "900")
        for own, _, _ in PEOPLE
        for number, kind in enumerate(("Phone Call", "Phone Call", "Email", "Meeting"))
    ]
    deals = [
        ("1", "51", "900", "3", "1772442000", "3/20/2026", "8", "Won", "1000"),
        ("2", "52", "900", "3", "1772442000", "3/21/2026", "7", "Abandoned", "500"),
        ("3", "53", "900", "3", "1772442000", "4/30/2026", "7", "Open", "200"),
    ]
    return {
        "activities": lines(
            "id,type.name,user_id,activity_date,parent.id", *acts, ("9", "Note", "51", "1772442000", "900")
        ),
        "opportunities": lines(
            "id,assignee_id,primary_contact_id,company_id,date_created,close_date,pipeline_stage_id,status,monetary_value",
            *deals,
        ),
        "pipeline_stages": lines("id,name", ("7", "Qualified"), ("8", "Contract")),
        "users": lines("id,name,email", *(*PEOPLE, BOSS)),
    }


def freshsales():
    """Per rep: a conversation, a voicemail, a task; a meeting held, one unlogged; an open and a won deal."""
    acts = [
        (f"{own}{number}", kind, outcome, own, f"2026-03-02T0{number}:30:00-06:00", "900")
        for own, _, _ in PEOPLE
        for number, (kind, outcome) in enumerate((("1", "11"), ("1", "12"), ("2", "")))
    ]
    visits = [
        (
            f"{own}{number}",
            own,
            "2026-03-02T09:00:00-06:00",
            f"2026-03-0{4 + number}T09:00:00-06:00",
            outcome,
            "freshsales",
        )
        for own, _, _ in PEOPLE
        for number, outcome in enumerate(("13", ""))
    ]
    deal = "id,owner_id,sales_account_id,amount,deal_stage_id,created_at,closed_date"
    return {
        "sales_activities": lines(
            "id,sales_activity_type_id,sales_activity_outcome_id,owner_id,start_date,targetable_id", *acts
        ),
        "sales_activity_types": lines("id,name", ("1", "Phone"), ("2", "Task")),
        "sales_activity_outcomes": lines("id,name", ("11", "Interested"), ("12", "Left message"), ("13", "Attended")),
        "past_appointments": lines("id,creater_id,created_at,from_date,outcome_id,provider", *visits),
        "open_deals": lines(deal, ("1", "51", "3", "7700.0", "8", "2026-03-01T09:00:00-06:00", "")),
        "won_deals": lines(deal, ("2", "52", "3", "500.0", "9", "2026-03-01T09:00:00-06:00", "2026-03-20")),
        "owners": lines("id,display_name,email", *(*PEOPLE, BOSS)),
    }


def brevo(language="api"):
    """Two campaigns that were sent and a draft."""
    titles = {
        "api": "id,name,status,sentDate,"
        "statistics.globalStats.sent,statistics.globalStats.delivered,statistics.globalStats.uniqueClicks",
        "fr": "ID,Nom de la campagne,Statut,Date d'envoi,Envoyés,Délivrés,Cliqueurs",
    }[language]
    days = (
        ("2026-03-02T09:30:00.000+01:00", "2026-02-10T09:30:00.000+01:00")
        if language == "api"
        else ("02/03/2026 09:30", "10/02/2026 09:30")
    )
    drafted = ("3", "Brouillon", "draft", "", "0", "0", "0")
    return {
        "campaigns": lines(
            titles,
            ("1", "Printemps", "sent", days[0], "1000", "980", "49"),
            ("2", "Hiver", "sent", days[1], "500", "490", "10"),
            drafted,
        )
    }


def zoho_campaigns():
    """One campaign that was sent."""
    titles = "Campaign name,Sent time,Sent count,Delivered count,Opens,Unique opens,Clicks,Unique clicks,Bounces"
    return {
        "campaign_reports": lines(titles, ("Spring", "2026-03-02 09:30:00", "100", "98", "50", "40", "9", "7", "2"))
    }


def activecampaign():
    """A campaign and a draft; deals in cents from the interface and in units from the screen."""
    deals = [
        ("1", "A", "100050", "eur", "1", "2", "8", "51", "900", "2026-03-01T09:00:00-06:00"),
        ("2", "B", "50000", "eur", "0", "2", "7", "52", "901", "2026-03-02T09:00:00-06:00"),
    ]
    return {
        "campaigns": lines(
            "id,name,sdate,send_amt,opens,uniqueopens,subscriberclicks",
            ("1", "Spring", "2026-03-02T09:30:00-06:00", "100", "50", "40", "7"),
            ("2", "Draft", "", "0", "0", "0", "0"),
        ),
        "deals": lines("id,title,value,currency,status,group,stage,owner,contact,cdate", *deals),
        "users": lines("id,username,firstName,email", *((i, n, n.split()[0], m) for i, n, m in PEOPLE)),
    }


def activecampaign_export():
    """The screen's export of deals."""
    titles = "Deal ID,Title,Value,Status,Pipeline,Stage,Primary Contact ID,Deal Creation Date Time"
    return {"export": lines(titles, ("1", "A", "1000.50", "Won", "Sales", "Closed", "900", "2026-03-01 09:00:00"))}


def apollo():
    """A person with a mail and one without."""
    row = full(
        APOLLO,
        First_Name="Nora",
        Last_Name="Sy",
        Title="VP Sales",
        Company="Acme",
        Email="Nora@acme.example",
        Seniority="vp",
        Departments="Sales",
        Contact_Owner=PEOPLE[0][2],
        Lists="Q1 fairs",
        __Employees="120",
        Industry="retail",
        Country="France",
        Email_Sent="True",
        Replied="False",
        Apollo_Contact_Id="a1",
        Apollo_Account_Id="c1",
    )
    return {"apollo-contacts-export": [row, {**row, "Email": "", "Apollo Contact Id": "a2", "Lists": ""}]}


def zoominfo():
    """A person whom the CRM knows by mail, and one without a mail."""
    row = full(
        ZOOMINFO,
        ZoomInfo_Contact_ID="7",
        Job_Title="Buyer",
        Management_Level="Manager",
        Job_Function="Purchasing",
        Department="Operations",
        Email_Address="0@inès.example",
        Country="France",
        Company_Name="Durand",
    )
    return {"ZoomInfo": [row, {**row, "ZoomInfo Contact ID": "8", "Email Address": ""}]}


def leadiq():
    """A person of LeadIQ's export and one of a Sales Navigator list."""
    url = "https://www.linkedin.com/in/nora"
    return {
        "leadiq": lines(
            "First Name,Last Name,Title,Company,Work Email,LinkedIn URL,Country",
            ("Nora", "Sy", "VP Sales", "Acme", "nora@acme.example", url, "France"),
        ),
        "navigator": lines(
            "Full Name,Job Title,Company,Location,LinkedIn URL,Sales Navigator URL",
            ("Nora Sy", "VP Sales", "Acme", "Lyon", url, "https://www.linkedin.com/sales/lead/1"),
        ),
    }


def lemlist():
    """Per rep: two mails, an invitation, an open, a reply; the statistics of a campaign."""
    kinds = ("emailsSent", "emailsSent", "linkedinInviteDone", "emailsOpened", "emailsReplied")
    rows = [
        (
            f"act_{own}{number}",
            kind,
            f"usr_{own}",
            name,
            f"2026-03-0{2 + number}T08:07:38.375Z",
            "lea_1",
            "cam_1",
            "Spring",
        )
        for own, name, _ in PEOPLE
        for number, kind in enumerate(kinds)
    ]
    return {
        "activities": lines("_id,type,userId,userName,createdAt,leadId,campaignId,campaignName", *rows),
        "report": lines(
            "campaignName,startDate,stats.sent,stats.replied", ("Spring", "2026-03-02T08:00:00.000Z", "4", "2")
        ),
    }


def sales_navigator():
    """Per seat: a message, an InMail and three things that are no contact."""
    kinds = ("MESSAGE_SENT", "INMAIL_SENT", "PROFILE_VIEWED", "SAVED_LEAD", "SEARCH_PERFORMED")
    rows = [
        (f"{own}{number}", kind, f"03-{2 + number:02}-2026 09:30:00", own, "AQ1" if number < 4 else "")
        for own, _, _ in PEOPLE
        for number, kind in enumerate(kinds)
    ]
    return {"activities-2026": lines("activityId,activityType,createdAt,seatId,memberIdentityKey", *rows)}
