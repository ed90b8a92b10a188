//! Every name that the clocks' data file may use: what starts and stops a clock, who is reminded, why one pauses.
//! The one list of each; a name that is not here stops the start. Must not know any clock.

use crate::domain::code::coded;

coded! {
    /// What a clock counts in.
    pub enum Unit {
        Hours = "hours", "hours";
        CalendarDays = "calendar_days", "days";
        WorkingDays = "working_days", "working days";
        Weeks = "weeks", "weeks";
        Months = "months", "months";
    }
}

coded! {
    /// Whether a clock runs from its start or up to it.
    pub enum Direction {
        After = "after", "after";
        Before = "before", "before";
    }
}

coded! {
    /// What a length rests on.
    pub enum Force {
        Statute = "statute", "Statute";
        Guidance = "guidance", "National guidance";
        Local = "local", "Local practice";
        Practice = "practice", "Practice elsewhere";
        Reporting = "reporting", "A band of the national report";
        Agreed = "agreed", "Agreed each time";
        Default = "default", "This service’s own default";
    }
}

coded! {
    /// How sure the length is.
    pub enum Basis {
        Seen = "seen", "Seen in a source";
        Recalled = "recalled", "Recalled, not confirmed";
        Default = "default", "A default of this service";
    }
}

coded! {
    /// Which of the two clocks of a request it is.
    pub enum Asked {
        Reporting = "reporting", "A request for the reporting form";
        Supplementary = "supplementary", "A request for supplementary forms alone";
    }
}

coded! {
    /// Something that happens to a case or a request and moves clocks. The last two are no names of the data file:
    /// they say that nothing is expected any more, and which day was agreed instead of the counted one.
    pub enum Occasion {
        Death = "death", "the death";
        NotificationReceived = "notification_received", "the notification";
        NationalNotificationAccepted = "national_notification_accepted", "the national database has the notification";
        ImmediateDecisionsRecorded = "immediate_decisions_recorded", "immediate decisions recorded";
        JarDecided = "jar_decided", "the joint agency response decided";
        JarTriggered = "jar_triggered", "the joint agency response";
        JarNotNeeded = "jar_not_needed", "found not to be needed";
        JarImmediateRecorded = "jar_immediate_recorded", "the immediate response recorded";
        JarInitialMeetingHeld = "jar_initial_meeting_held", "the initial meeting held";
        JarMeetingHeld = "jar_meeting_held", "a joint agency response meeting";
        JarMinutesFiled = "jar_minutes_filed", "its minutes filed";
        HomeVisitRecorded = "home_visit_recorded", "the home visit recorded";
        JarFollowUpHeld = "jar_follow_up_held", "the follow-up meeting held";
        PostMortemDone = "post_mortem_done", "the post-mortem examination";
        KeyWorkerNamed = "key_worker_named", "the key worker named";
        LeafletRecorded = "leaflet_recorded", "the leaflet recorded";
        CoronerDecision = "coroner_decision", "the coroner’s decision";
        CoronerNoticeReceived = "coroner_notice_received", "the coroner’s notice";
        Registration = "registration", "the registration";
        RegistrarNoticeReceived = "registrar_notice_received", "the registrar’s notice";
        CertificateIssued = "certificate_issued", "the certificate";
        DeathRegistered = "death_registered", "the death registered";
        AuthorityAware = "authority_aware", "the authority became aware";
        LookedAfterDeathKnown = "looked_after_death_known", "the authority knew of the death of a child it looked after";
        SeriousIncidentSent = "serious_incident_sent", "the serious incident notification";
        SeriousIncidentSentOrNotMet = "serious_incident_sent_or_not_met", "serious incident notified, or found not to be one";
        SafeguardingPartnersTold = "safeguarding_partners_told", "the safeguarding partners told";
        LookedAfterDeathTold = "looked_after_death_told", "the Secretary of State and Ofsted told";
        RapidReviewSubmitted = "rapid_review_submitted", "the rapid review submitted";
        MnsiReferral = "mnsi_referral", "the referral to MNSI";
        MnsiFamilyContacted = "mnsi_family_contacted", "the family contacted by MNSI";
        TriageCompleted = "triage_completed", "the case accepted";
        RequestsSent = "requests_sent", "requests sent";
        RequestSent = "request_sent", "the request";
        ResponseAccepted = "response_accepted", "the answer";
        CdrmDate = "cdrm_date", "the day of the review meeting";
        CdrmInvitationsSent = "cdrm_invitations_sent", "invitations sent";
        CdrmHeld = "cdrm_held", "the review meeting";
        DraftAnalysisReceived = "draft_analysis_received", "the draft analysis received";
        InquestConcluded = "inquest_concluded", "the inquest concluded";
        CdrmOutputAndInquest = "cdrm_output_and_inquest", "the review meeting’s output and any inquest";
        PanelDate = "panel_date", "the day of the panel";
        PackReleased = "pack_released", "the pack released";
        InterestsDeclared = "interests_declared", "interests declared";
        PanelHeld = "panel_held", "the panel meeting";
        ReviewDay = "review_day", "the day of the review in the analysis";
        PanelMinutesSigned = "panel_minutes_signed", "the panel’s minutes";
        PanelCompleted = "panel_completed", "the panel’s review";
        CaseDeferred = "case_deferred", "the panel’s deferral";
        CaseRelisted = "case_relisted", "listed again";
        NationalFinalAccepted = "national_final_accepted", "the national database has the finalised case";
        YearEnd = "year_end", "31 March";
        YearFinalised = "year_finalised", "the year finalised";
        AnnualReportPublished = "annual_report_published", "the annual report published";
        FamilyToldOrDeclined = "family_told_or_declined", "the family told, or did not wish it";
        RecommendationAgreed = "recommendation_agreed", "a recommendation signed by the panel’s chair";
        RecommendationSent = "recommendation_sent", "the recommendation sent";
        ActionSet = "action_set", "the action set";
        RecommendationClosed = "recommendation_closed", "the recommendation closed";
        LookedBackSix = "looked_back_six", "the look back at six months";
        LookedBackTwelve = "looked_back_twelve", "the look back at twelve months";
        ActionClosed = "action_closed", "the action closed";
        PfdReportSent = "pfd_report_sent", "the prevention of future deaths report";
        PfdReplyHeld = "pfd_reply_held", "the reply held";
        OutOfAreaIdentified = "out_of_area_identified", "found to be another area’s";
        TransferAgreed = "transfer_agreed", "the transfer agreed";
        Ended = "ended", "ended here";
        AgreedDate = "agreed_date", "the day agreed";
    }
}

impl Occasion {
    /// Whether the data file may name it.
    pub const fn in_file(self) -> bool {
        !matches!(
            self,
            Self::Ended | Self::AgreedDate | Self::JarNotNeeded | Self::ReviewDay
        )
    }

    /// Whether another one after a clock was stopped starts the clock anew. For all others a new time puts the
    /// old one right.
    pub const fn recurs(self) -> bool {
        matches!(self, Self::CaseDeferred)
    }

    /// Whether a clock that it started, and that is no longer expected, stays so: what comes after is another, with reminders
    /// of its own.
    pub const fn begins_anew(self) -> bool {
        matches!(self, Self::CdrmDate)
    }

    /// Whether it happens to a part of a case that has clocks of its own: a request, an action, or a
    /// meeting.
    pub const fn is_of_part(self) -> bool {
        matches!(
            self,
            Self::RequestSent | Self::ActionSet | Self::RecommendationClosed | Self::JarMeetingHeld
        )
    }

    /// Whether a day that an event gives takes the place of one that an earlier event gave: it is recorded anew only to
    /// put it right, or because there is another outcome to tell.
    pub const fn told_anew(self) -> bool {
        matches!(self, Self::FamilyToldOrDeclined)
    }

    /// Whether the newest word holds, rather than the first.
    pub const fn replaces(self) -> bool {
        matches!(
            self,
            Self::CaseDeferred
                | Self::CaseRelisted
                | Self::AgreedDate
                | Self::ActionSet
                | Self::CdrmDate
                | Self::Registration
        )
    }
}

coded! {
    /// Who is reminded. Nobody of the family is in it, and nobody can be added by the data file.
    pub enum Recipient {
        Manager = "manager", "the team";
        DesignatedDoctor = "designated_doctor", "the designated doctor";
        JarLead = "jar_lead", "the lead of the joint agency response";
        KeyWorker = "key_worker", "the key worker";
        SafeguardingLead = "safeguarding_lead", "the safeguarding lead";
        Respondent = "respondent", "the person asked";
        AgencyLead = "agency_lead", "the agency’s lead";
        CdrmOrganiser = "cdrm_organiser", "the organiser of the review meeting";
        CdrmChair = "cdrm_chair", "the chair of the review meeting";
        PanelMember = "panel_member", "the panel’s members";
        Chair = "chair", "the panel’s chair";
        ActionOwner = "action_owner", "the action’s owner";
        Executive = "executive", "the executive";
        Recipient = "recipient", "the report’s recipient";
    }
}

coded! {
    /// Why a clock stands still.
    pub enum PauseReason {
        PoliceSceneHold = "police_scene_hold", "The police hold the scene";
        PostMortemOutstanding = "post_mortem_outstanding", "The post-mortem report is outstanding";
        CoronerInvolved = "coroner_involved", "The coroner is involved";
        FamilyDeclined = "family_declined", "The family does not agree";
        PoliceEmbargo = "police_embargo", "The police ask to wait";
        Psii = "psii", "A patient safety incident investigation";
        Mnsi = "mnsi", "A maternity and newborn investigation";
        CriminalProceedings = "criminal_proceedings", "Criminal proceedings";
        ThemedPanelBooked = "themed_panel_booked", "A themed panel is booked";
        Lcspr = "lcspr", "A local child safeguarding practice review";
        FamilyWish = "family_wish", "The family wishes to wait";
        AgreedExtension = "agreed_extension", "More time was agreed";
        Jury = "jury", "An inquest with a jury";
        CoronerExtension = "coroner_extension", "The coroner gave more time";
    }
}
