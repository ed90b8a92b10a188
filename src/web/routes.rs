//! The one list of routes: method, address, who may call it, and the handler. The server is built from it,
//! tests walk it, and `cdr routes --json` prints it. Must not hold any handler's code.

use actix_web::http::Method;
use actix_web::{Route as ActixRoute, guard, web};
use serde::Serialize;

use super::{
    account, actions, admin, agency, api, asked, attachments, calendar, cases, correspondence,
    directory, documents, family, health, imports, join, learning, link, meetings, notifications,
    notify, packs, pages, panels, processes, quality, records, registered, requests, respond,
    response, resume, returns, sign_in, transfers, years,
};
use crate::domain::actor::{Actor, ApiScope, Role};
use crate::domain::permission::{Facts, Verb, may};

/// Who may call a route. What they may then do is asked again by the work itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone, without an account.
    Anyone,
    /// Whoever is signed in and may do the verb under some circumstances.
    Staff(Verb),
    /// The holder of a link: an agency's, or the address of a person's own calendar.
    Link,
    /// Another system with this scope.
    Bearer(ApiScope),
    /// Whoever runs the service and can reach its port.
    Operator,
}

/// One line of the list.
pub struct Route {
    pub method: Method,
    pub path: &'static str,
    pub access: Access,
    pub mount: fn() -> ActixRoute,
}

macro_rules! routes {
    ($($method:ident $path:literal $access:expr => $handler:path;)+) => {
        vec![$(Route { method: Method::$method, path: $path, access: $access, mount: || answering(Method::$method).to($handler) },)+]
    };
}

/// A HEAD is answered as the GET that it asks about, without the body.
fn answering(method: Method) -> ActixRoute {
    if method == Method::GET {
        web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
    } else {
        web::method(method)
    }
}

/// Every route.
#[expect(clippy::too_many_lines, reason = "one line for each route there is")]
pub fn all() -> Vec<Route> {
    use Access::{Anyone, Bearer, Link, Operator, Staff};
    use ApiScope::{CasesRead, NotificationsWrite, ReferenceRead, ReturnsRead};
    routes! {
        GET "/" Anyone => pages::home;
        GET "/assets/{name}" Anyone => pages::asset;
        GET "/accessibility" Anyone => pages::accessibility;
        GET "/privacy" Anyone => pages::privacy;
        GET "/health/live" Operator => health::live;
        GET "/health/ready" Operator => health::ready;
        GET "/metrics" Operator => health::metrics;

        GET "/notify" Anyone => notify::start;
        POST "/notify" Anyone => notify::begin;
        GET "/notify/continue" Anyone => notify::continue_page;
        POST "/notify/continue" Anyone => notify::continue_with_code;
        GET "/notify/tasks" Anyone => notify::tasks;
        GET "/notify/section/{section}" Anyone => notify::section;
        POST "/notify/section/{section}" Anyone => notify::save_section;
        GET "/notify/check" Anyone => notify::check;
        POST "/notify/send" Anyone => notify::send;
        GET "/notify/saved" Anyone => notify::saved;
        GET "/notify/sent" Anyone => notify::sent;
        GET "/notify/copy" Anyone => notify::copy;
        GET "/notify/copy/download" Anyone => notify::download;
        POST "/notify/leave" Anyone => notify::leave;

        GET "/requests/{token}" Link => link::open;
        POST "/requests/{token}" Link => link::claim;
        GET "/requests/{token}/code" Link => link::code_page;
        POST "/requests/{token}/code" Link => link::code;
        POST "/requests/{token}/new" Link => link::ask;
        GET "/requests/{token}/forms/{form}" Link => respond::tasks;
        GET "/requests/{token}/forms/{form}/{section}" Link => respond::section;
        POST "/requests/{token}/forms/{form}/{section}" Link => respond::save_section;
        POST "/requests/{token}/forms/{form}/{section}/typing" Link => respond::keep_typing;
        GET "/requests/{token}/files" Link => attachments::list;
        POST "/requests/{token}/files" Link => attachments::add;
        POST "/requests/{token}/files/{id}/remove" Link => attachments::remove;
        POST "/requests/{token}/knew" Link => asked::knew;
        GET "/requests/{token}/hand-on" Link => asked::hand_on_page;
        POST "/requests/{token}/hand-on" Link => asked::hand_on;
        GET "/requests/{token}/parts" Link => asked::parts_page;
        POST "/requests/{token}/parts" Link => asked::send_parts;
        POST "/requests/{token}/parts/{part}/recall" Link => asked::recall;
        GET "/requests/{token}/give-back" Link => asked::give_back_page;
        POST "/requests/{token}/give-back" Link => asked::give_back;
        GET "/requests/{token}/not-known" Link => asked::not_known_page;
        POST "/requests/{token}/not-known" Link => asked::not_known;
        GET "/requests/{token}/time" Link => asked::time_page;
        POST "/requests/{token}/time" Link => asked::time;
        GET "/requests/{token}/questions" Link => packs::agency_page;
        POST "/requests/{token}/questions" Link => packs::agency_act;
        GET "/requests/{token}/check" Link => respond::check;
        POST "/requests/{token}/send" Link => respond::send;
        GET "/requests/{token}/sent" Link => respond::sent;

        GET "/sign-in" Anyone => sign_in::page;
        POST "/sign-in" Anyone => sign_in::password;
        GET "/sign-in/code" Anyone => sign_in::code_page;
        POST "/sign-in/code" Anyone => sign_in::code;
        GET "/sign-in/factor" Anyone => sign_in::factor_page;
        POST "/sign-in/factor" Anyone => sign_in::factor;
        GET "/sign-in/forgotten" Anyone => join::forgotten;
        POST "/sign-in/forgotten" Anyone => join::ask;
        GET "/sign-in/reset/{token}" Anyone => join::reset_page;
        POST "/sign-in/reset/{token}" Anyone => join::reset;
        GET "/join/{token}" Anyone => join::invited;
        POST "/join/{token}" Anyone => join::join;
        GET "/sign-out" Staff(Verb::UseAccount) => sign_in::out_page;
        POST "/sign-out" Staff(Verb::UseAccount) => sign_in::out;
        GET "/account" Staff(Verb::UseAccount) => account::account;
        GET "/account/stay" Staff(Verb::UseAccount) => account::stay;
        GET "/account/check" Staff(Verb::UseAccount) => account::check_page;
        POST "/account/check" Staff(Verb::UseAccount) => account::check;
        GET "/account/password" Staff(Verb::UseAccount) => account::password_page;
        POST "/account/password" Staff(Verb::UseAccount) => account::password;
        GET "/account/factor" Staff(Verb::UseAccount) => account::factor_page;
        POST "/account/factor" Staff(Verb::UseAccount) => account::factor;
        GET "/account/recovery" Staff(Verb::UseAccount) => account::recovery_page;
        POST "/account/recovery" Staff(Verb::UseAccount) => account::recovery;
        POST "/account/sessions/{id}" Staff(Verb::UseAccount) => account::end_session;
        GET "/account/calendar" Staff(Verb::SeeWorklist) => calendar::page;
        POST "/account/calendar" Staff(Verb::SeeWorklist) => calendar::change;
        GET "/account/kept/{id}" Staff(Verb::UseAccount) => resume::kept;
        POST "/account/kept/{id}" Staff(Verb::UseAccount) => resume::forget;

        GET "/calendar/{token}.ics" Link => calendar::feed;

        GET "/cases" Staff(Verb::SeeWorklist) => cases::worklist;
        POST "/cases" Staff(Verb::SeeWorklist) => cases::search;
        GET "/cases/notifications/{id}" Staff(Verb::ReadNotification) => notifications::page;
        POST "/cases/notifications/{id}" Staff(Verb::Triage) => notifications::decide;
        POST "/cases/notifications/{id}/held" Staff(Verb::Triage) => notifications::decide_held;
        GET "/cases/{reference}" Staff(Verb::ReadCaseOutline) => cases::page;
        GET "/cases/{reference}/people" Staff(Verb::ReadCase) => cases::people;
        POST "/cases/{reference}/people" Staff(Verb::AssignCase) => cases::change_people;
        GET "/cases/{reference}/merge" Staff(Verb::MergeCases) => cases::merge_page;
        POST "/cases/{reference}/merge" Staff(Verb::MergeCases) => cases::change_merge;
        GET "/cases/{reference}/restriction" Staff(Verb::RestrictCase) => cases::restriction;
        POST "/cases/{reference}/restriction" Staff(Verb::RestrictCase) => cases::change_restriction;
        GET "/cases/{reference}/open" Staff(Verb::OpenRestricted) => cases::door;
        POST "/cases/{reference}/open" Staff(Verb::OpenRestricted) => cases::open;
        GET "/cases/{reference}/seen" Staff(Verb::ReadCaseOutline) => cases::seen;
        GET "/cases/{reference}/chronology" Staff(Verb::ReadCase) => cases::chronology;
        GET "/cases/{reference}/chronology/print" Staff(Verb::ReadCase) => cases::print_chronology;
        GET "/cases/{reference}/clocks" Staff(Verb::ReadCase) => cases::clocks;
        POST "/cases/{reference}/clocks/{id}" Staff(Verb::KeepClock) => cases::change_clock;
        GET "/cases/{reference}/response" Staff(Verb::ReadCase) => response::page;
        GET "/cases/{reference}/response/{form}" Staff(Verb::ReadCase) => response::form;
        GET "/cases/{reference}/response/{form}/{section}" Staff(Verb::KeepResponse) => records::response_section;
        POST "/cases/{reference}/response/{form}/{section}" Staff(Verb::KeepResponse) => records::save_response;
        POST "/cases/{reference}/response/{form}/{section}/typing" Staff(Verb::KeepResponse) => records::keep_response_typing;
        GET "/cases/{reference}/actions" Staff(Verb::ReadCase) => actions::list;
        GET "/cases/{reference}/actions/new/{kind}" Staff(Verb::KeepAction) => actions::new;
        POST "/cases/{reference}/actions/new/{kind}" Staff(Verb::KeepAction) => actions::add;
        GET "/cases/{reference}/meetings" Staff(Verb::ReadCase) => meetings::list;
        GET "/cases/{reference}/meetings/new/{purpose}" Staff(Verb::KeepMeeting) => meetings::plan_page;
        POST "/cases/{reference}/meetings/new/{purpose}" Staff(Verb::KeepMeeting) => meetings::plan;
        GET "/cases/{reference}/processes" Staff(Verb::ReadProcesses) => processes::list;
        GET "/cases/{reference}/processes/add" Staff(Verb::KeepProcess) => processes::add_page;
        POST "/cases/{reference}/processes/add" Staff(Verb::KeepProcess) => processes::add;
        GET "/cases/{reference}/processes/{id}" Staff(Verb::ReadProcesses) => processes::page;
        POST "/cases/{reference}/processes/{id}" Staff(Verb::KeepProcess) => processes::save;
        POST "/cases/{reference}/processes/{id}/looked" Staff(Verb::KeepProcess) => processes::looked;
        GET "/cases/{reference}/processes/{id}/conclude" Staff(Verb::KeepProcess) => processes::conclude_page;
        POST "/cases/{reference}/processes/{id}/conclude" Staff(Verb::KeepProcess) => processes::conclude;
        GET "/cases/{reference}/family" Staff(Verb::ReadFamily) => family::family;
        POST "/cases/{reference}/family/outcome" Staff(Verb::KeepFamily) => family::outcome;
        GET "/cases/{reference}/family/{part}/{id}" Staff(Verb::KeepFamily) => family::page;
        POST "/cases/{reference}/family/{part}/{id}" Staff(Verb::KeepFamily) => family::save;
        GET "/cases/{reference}/letters" Staff(Verb::WriteFamilyLetter) => correspondence::list;
        GET "/cases/{reference}/letters/{letter}" Staff(Verb::WriteFamilyLetter) => correspondence::page;
        POST "/cases/{reference}/letters/{letter}" Staff(Verb::WriteFamilyLetter) => correspondence::record;
        GET "/cases/{reference}/letters/{letter}/letter.docx" Staff(Verb::WriteFamilyLetter) => correspondence::file;
        POST "/cases/{reference}/move" Staff(Verb::MoveCase) => cases::move_case;
        GET "/cases/{reference}/record" Staff(Verb::ReadCase) => records::overview;
        GET "/cases/{reference}/record/{form}" Staff(Verb::ReadCase) => records::form;
        GET "/cases/{reference}/record/{form}/{section}" Staff(Verb::EditRecord) => records::section;
        POST "/cases/{reference}/record/{form}/{section}" Staff(Verb::EditRecord) => records::save_section;
        POST "/cases/{reference}/record/{form}/{section}/typing" Staff(Verb::EditRecord) => records::keep_typing;
        GET "/cases/{reference}/documents" Staff(Verb::ReadDocuments) => documents::list;
        POST "/cases/{reference}/documents" Staff(Verb::AddDocument) => documents::add;
        GET "/cases/{reference}/documents/{number}" Staff(Verb::ReadDocuments) => documents::page;
        GET "/cases/{reference}/documents/{number}/file" Staff(Verb::ReadDocuments) => documents::download;
        POST "/cases/{reference}/documents/{number}/withdraw" Staff(Verb::WithdrawDocument) => documents::withdraw;
        POST "/cases/{reference}/waive/{form}" Staff(Verb::WaiveRequest) => requests::waive;
        GET "/cases/{reference}/differences" Staff(Verb::ReadCase) => records::differences;
        POST "/cases/{reference}/differences" Staff(Verb::SettleConflict) => records::settle;
        GET "/cases/{reference}/requests" Staff(Verb::ReadCase) => requests::list;
        POST "/cases/{reference}/requests" Staff(Verb::SendRequest) => requests::send;
        GET "/cases/{reference}/requests/{id}" Staff(Verb::ReadCase) => requests::page;
        POST "/cases/{reference}/requests/{id}" Staff(Verb::AcceptResponse) => requests::decide;
        GET "/cases/{reference}/analysis" Staff(Verb::EditAnalysis) => records::analysis;
        GET "/cases/{reference}/analysis/signed/{number}" Staff(Verb::EditAnalysis) => panels::signed_page;
        GET "/cases/{reference}/analysis/{section}" Staff(Verb::EditAnalysis) => records::analysis_section;
        POST "/cases/{reference}/analysis/{section}" Staff(Verb::EditAnalysis) => records::save_analysis;
        POST "/cases/{reference}/analysis/{section}/typing" Staff(Verb::EditAnalysis) => records::keep_analysis_typing;
        GET "/cases/{reference}/learning" Staff(Verb::ReadCase) => learning::page;
        POST "/cases/{reference}/learning" Staff(Verb::ShareLearning) => learning::share;
        POST "/cases/{reference}/themes" Staff(Verb::SetTheme) => learning::set_themes;
        GET "/cases/{reference}/finalise" Staff(Verb::ReadCase) => cases::finalise_page;
        POST "/cases/{reference}/finalise" Staff(Verb::Finalise) => cases::finalise;
        POST "/cases/{reference}/reopen" Staff(Verb::Reopen) => cases::reopen;

        GET "/cases/{reference}/transfer" Staff(Verb::TransferCase) => cases::transfer_page;
        POST "/cases/{reference}/transfer" Staff(Verb::TransferCase) => cases::make_transfer;
        POST "/cases/{reference}/transfer/{id}" Staff(Verb::TransferCase) => cases::answer_transfer;
        GET "/cases/{reference}/transfer/{id}/file" Staff(Verb::TransferCase) => cases::transfer_file;
        GET "/transfers" Staff(Verb::SeeTransfers) => transfers::list;
        POST "/transfers" Staff(Verb::TakeTransfer) => transfers::open;
        GET "/transfers/{id}" Staff(Verb::TakeTransfer) => transfers::page;
        POST "/transfers/{id}" Staff(Verb::TakeTransfer) => transfers::decide;

        GET "/processes" Staff(Verb::SeeProcesses) => processes::board;

        GET "/themes" Staff(Verb::ReadCounts) => learning::themes;
        GET "/clusters" Staff(Verb::JudgeCluster) => learning::all_clusters;
        POST "/clusters/{id}" Staff(Verb::JudgeCluster) => learning::judge;

        GET "/actions" Staff(Verb::SeeActions) => actions::all;
        GET "/actions/{id}" Staff(Verb::ReadCase) => actions::page;
        POST "/actions/{id}" Staff(Verb::KeepAction) => actions::act;

        GET "/meetings" Staff(Verb::SeeMeetings) => meetings::all;
        GET "/meetings/new/panel" Staff(Verb::KeepPanel) => meetings::plan_panel_page;
        POST "/meetings/new/panel" Staff(Verb::KeepPanel) => meetings::plan_panel;
        GET "/panels/{id}" Staff(Verb::ReadPanel) => panels::page;
        POST "/panels/{id}" Staff(Verb::KeepPanel) => panels::act;
        GET "/panels/{id}/invitation.docx" Staff(Verb::KeepPanel) => correspondence::invitation;
        GET "/panels/{id}/list" Staff(Verb::KeepPanel) => panels::list_page;
        POST "/panels/{id}/list" Staff(Verb::KeepPanel) => panels::list;
        GET "/panels/{id}/items/{item}" Staff(Verb::ReadPanel) => panels::item_page;
        POST "/panels/{id}/items/{item}" Staff(Verb::RunPanel) => panels::act_item;
        GET "/panels/{id}/room/{item}" Staff(Verb::RunPanel) => panels::room;
        POST "/panels/{id}/room/{item}" Staff(Verb::RunPanel) => panels::act_room;
        GET "/panels/{id}/room/{item}/{section}" Staff(Verb::RunPanel) => panels::section;
        POST "/panels/{id}/room/{item}/{section}" Staff(Verb::RunPanel) => panels::save_section;
        POST "/panels/{id}/room/{item}/{section}/typing" Staff(Verb::RunPanel) => panels::keep_typing;
        GET "/panels/{id}/screen/{item}" Staff(Verb::RunPanel) => panels::screen;
        POST "/panels/{id}/items/{item}/interest" Staff(Verb::DeclareInterest) => panels::declare;
        GET "/panels/{id}/pack/{item}" Staff(Verb::ReadPack) => packs::page;
        GET "/panels/{id}/pack/{item}/print" Staff(Verb::ReadPack) => packs::print;
        GET "/panels/{id}/pack/{item}/source/{form}" Staff(Verb::ReadPack) => packs::source;
        POST "/panels/{id}/pack/{item}/note" Staff(Verb::ReadPack) => packs::note;
        POST "/panels/{id}/pack/{item}/read" Staff(Verb::ReadPack) => packs::mark_read;
        POST "/panels/{id}/pack/{item}/question" Staff(Verb::ReadPack) => packs::ask;
        GET "/panels/{id}/pack/{item}/desk" Staff(Verb::SignPack) => packs::desk_page;
        POST "/panels/{id}/pack/{item}/desk" Staff(Verb::SignPack) => packs::act;
        GET "/panels/{id}/pack/{item}/questions" Staff(Verb::KeepPack) => packs::questions_page;
        POST "/panels/{id}/pack/{item}/questions" Staff(Verb::KeepPack) => packs::act_question;
        GET "/meetings/{id}" Staff(Verb::ReadCase) => meetings::page;
        POST "/meetings/{id}" Staff(Verb::KeepMeeting) => meetings::act;
        POST "/meetings/{id}/papers" Staff(Verb::AddDocument) => meetings::add_paper;
        GET "/meetings/{id}/change" Staff(Verb::KeepMeeting) => meetings::change_page;
        POST "/meetings/{id}/change" Staff(Verb::KeepMeeting) => meetings::change;
        GET "/meetings/{id}/minutes.docx" Staff(Verb::ReadCase) => correspondence::minutes;
        GET "/meetings/{id}/minutes" Staff(Verb::KeepMeeting) => meetings::minutes_page;
        POST "/meetings/{id}/minutes" Staff(Verb::KeepMeeting) => meetings::save_minutes;

        GET "/responses" Staff(Verb::SeeResponses) => response::kept;

        GET "/returns" Staff(Verb::CheckReturn) => returns::page;
        POST "/returns" Staff(Verb::ExportReturn) => returns::export;
        GET "/returns/check" Staff(Verb::CheckReturn) => returns::check;
        POST "/returns/check" Staff(Verb::CheckReturn) => returns::ask_to_check;
        POST "/returns/{id}/answer" Staff(Verb::RecordNationalAcceptance) => returns::answer;

        GET "/years" Staff(Verb::SeeYears) => years::list;
        GET "/years/{id}" Staff(Verb::SeeYears) => years::page;
        POST "/years/{id}" Staff(Verb::KeepYear) => years::change;

        GET "/quality" Staff(Verb::SeeQuality) => quality::page;

        GET "/imports" Staff(Verb::ImportNotifications) => imports::list;
        POST "/imports" Staff(Verb::ImportNotifications) => imports::check;
        GET "/imports/{id}" Staff(Verb::ImportNotifications) => imports::import;
        POST "/imports/{id}/commit" Staff(Verb::ImportNotifications) => imports::commit;
        POST "/imports/{id}/discard" Staff(Verb::ImportNotifications) => imports::discard;
        POST "/imports/{id}/undo" Staff(Verb::ImportNotifications) => imports::undo;

        GET "/registered-deaths" Staff(Verb::ImportNotifications) => registered::page;
        POST "/registered-deaths" Staff(Verb::ImportNotifications) => registered::compare;

        GET "/agency" Staff(Verb::SeeAgencyRequests) => agency::list;
        GET "/agency/{id}/hand-on" Staff(Verb::HandOnRequest) => agency::hand_on_page;
        POST "/agency/{id}/hand-on" Staff(Verb::HandOnRequest) => agency::hand_on;

        GET "/directory" Staff(Verb::SeeDirectory) => directory::list;
        GET "/directory/new" Staff(Verb::KeepDirectory) => directory::new;
        POST "/directory/new" Staff(Verb::KeepDirectory) => directory::add;
        GET "/directory/import" Staff(Verb::KeepDirectory) => directory::import_page;
        POST "/directory/import" Staff(Verb::KeepDirectory) => directory::check_import;
        POST "/directory/import/take" Staff(Verb::KeepDirectory) => directory::import;
        GET "/directory/agencies/{code}" Staff(Verb::SeeDirectory) => directory::agency;
        POST "/directory/agencies/{code}" Staff(Verb::HoldAgency) => directory::hold;
        GET "/directory/{id}" Staff(Verb::KeepDirectory) => directory::contact;
        POST "/directory/{id}" Staff(Verb::KeepDirectory) => directory::change;

        GET "/admin" Staff(Verb::UseAccount) => admin::home;
        GET "/admin/outbox" Staff(Verb::SeeOutbox) => admin::outbox;
        GET "/admin/outbox/{id}" Staff(Verb::SeeOutbox) => admin::mail;
        POST "/admin/outbox/{id}" Staff(Verb::ResendMail) => admin::resend;
        GET "/admin/forms" Staff(Verb::SeeForms) => admin::forms;
        GET "/admin/forms/{version}/{form}" Staff(Verb::SeeForms) => admin::form;
        POST "/admin/forms/{version}/{form}" Staff(Verb::VerifyField) => admin::verify;
        GET "/admin/clocks" Staff(Verb::SeeClocks) => admin::clocks;
        GET "/admin/organisations" Staff(Verb::SeeOrganisations) => admin::organisations;
        GET "/admin/audit" Staff(Verb::ReadAudit) => admin::audit;
        GET "/admin/audit/download" Staff(Verb::ReadAudit) => admin::export_audit;
        GET "/admin/audit/openings" Staff(Verb::ReadAudit) => admin::openings;
        POST "/admin/audit/openings/{id}" Staff(Verb::ReviewOpening) => admin::review_opening;
        GET "/admin/permissions" Staff(Verb::SeePermissions) => admin::permissions;
        GET "/admin/users" Staff(Verb::ManageUsers) => admin::users;
        GET "/admin/users/{id}" Staff(Verb::ManageUsers) => admin::user;
        POST "/admin/users/{id}" Staff(Verb::ManageUsers) => admin::change_user;
        GET "/admin/invitations" Staff(Verb::Invite) => admin::invitations;
        POST "/admin/invitations" Staff(Verb::Invite) => admin::invite;
        POST "/admin/invitations/{id}" Staff(Verb::Invite) => admin::change_invitation;
        GET "/demo/mail" Anyone => pages::demo_mail;
        GET "/demo/accounts" Anyone => sign_in::demo_accounts;

        POST "/api/v1/notifications" Bearer(NotificationsWrite) => api::notify;
        GET "/api/v1/cases/{reference}" Bearer(CasesRead) => api::case_status;
        GET "/api/v1/returns" Bearer(ReturnsRead) => api::returns;
        GET "/api/v1/forms/{version}/{form}" Bearer(ReferenceRead) => api::form;
        GET "/api/openapi.json" Anyone => api::openapi;
    }
}

/// Who may call the route with this method and pattern; none when it is not in the list.
pub fn access_of(method: &Method, pattern: Option<&str>) -> Option<Access> {
    let pattern = pattern?;
    // A HEAD is answered as the GET that it asks about.
    let method = if method == Method::HEAD {
        &Method::GET
    } else {
        method
    };
    INDEX
        .get_or_init(|| {
            all()
                .into_iter()
                .map(|r| ((r.method.to_string(), r.path), r.access))
                .collect()
        })
        .get(&(method.to_string(), pattern))
        .copied()
}

static INDEX: std::sync::OnceLock<std::collections::HashMap<(String, &'static str), Access>> =
    std::sync::OnceLock::new();

/// A line of `cdr routes --json`.
#[derive(Serialize)]
pub struct Described {
    pub method: String,
    pub path: &'static str,
    /// `anyone`, `link`, `operator`, a scope, or the verb that is asked.
    pub access: String,
    /// The roles that may call it under some circumstances.
    pub roles: Vec<&'static str>,
}

/// Every route with who may call it.
pub fn described() -> Vec<Described> {
    all()
        .into_iter()
        .map(|route| Described {
            method: route.method.to_string(),
            path: route.path,
            access: match route.access {
                Access::Anyone => "anyone".into(),
                Access::Link => "link".into(),
                Access::Operator => "operator".into(),
                Access::Bearer(scope) => scope.as_str().into(),
                Access::Staff(verb) => verb.as_str().into(),
            },
            roles: roles(route.access),
        })
        .collect()
}

fn roles(access: Access) -> Vec<&'static str> {
    let Access::Staff(verb) = access else {
        return Vec::new();
    };
    let any = Facts {
        assigned: true,
        holds_request: true,
        listed: true,
        ..Facts::default()
    };
    Role::ALL
        .iter()
        .filter(|role| may(&Actor::staff("", "", **role, None), verb, &any))
        .map(|role| role.as_str())
        .collect()
}
