//! Anonymised packs: what is taken out, by whom it is decided and signed, when it may be read, and what members ask. Here
//! stands what these journeys share.

mod desk;
mod planted;
mod reading;

use cdr::casework::packs::{self as work, Stand};
use cdr::domain::actor::Role;
use cdr::store::cases::Case;

use crate::documents::Posted;
use crate::panels::{arrange, list, put_down};
use crate::support::{Browser, Page, Service};

async fn upload(browser: &Browser, case: &Case, name: &str, bytes: &[u8]) {
    Posted::new(name, bytes)
        .to(browser, &case.reference)
        .await
        .is(303);
}

/// A panel in `days`, with the case on its list and a member who declared no interest. Gives the pack's address.
pub(super) async fn listed(
    service: &Service,
    coordinator: &Browser,
    case: &Case,
    days: i64,
) -> (String, Browser) {
    let id = service.add_user("member@cdr.example", Role::PanelMember);
    let panel = arrange(coordinator, service, days).await;
    put_down(coordinator, &panel, &[(&id, "public_health")])
        .await
        .is(303);
    let (item, address) = list(service, &panel, case);
    let member = service.signed_in_as("member@cdr.example");
    let pack = format!("{panel}/pack/{}", item.id);
    let mut form = member.get(&address).await.is(200).form_with("Declare");
    member.submit(form.set("interest", "none")).await.is(303);
    (pack, member)
}

pub(super) async fn build(browser: &Browser, pack: &str, documents: &str) -> Page {
    let desk = browser.get(&format!("{pack}/desk")).await.is(200);
    let button = if desk.text.contains("Write it anew") {
        "Write it anew"
    } else {
        "Write the account"
    };
    let mut form = desk.form_with(button);
    if !documents.is_empty() {
        form.set("document", documents);
    }
    browser.submit(&form).await
}

pub(super) async fn take_all_out(browser: &Browser, pack: &str) {
    let mut form = browser
        .get(&format!("{pack}/desk"))
        .await
        .is(200)
        .form_with("Save decisions");
    if form.has("rarity") {
        form.set("rarity", "Sample reason.");
    }
    let button = "Save, and take out all that is not decided";
    let button = if form.has_button(button) {
        button
    } else {
        "Save decisions"
    };
    browser.submit(form.press(button)).await.is(303);
}

pub(super) async fn sign(browser: &Browser, pack: &str, button: &str) -> Page {
    let form = browser
        .get(&format!("{pack}/desk"))
        .await
        .is(200)
        .form_with(button);
    browser.submit(&form).await
}

/// Built, everything taken out, signed by two.
pub(super) async fn released(service: &Service, coordinator: &Browser, pack: &str) -> Browser {
    build(coordinator, pack, "").await.is(303);
    take_all_out(coordinator, pack).await;
    sign(coordinator, pack, "Sign").await.is(303);
    let doctor = service.signed_in(Role::DesignatedDoctor).await;
    sign(&doctor, pack, "Sign and release").await.is(303);
    doctor
}

fn ids(pack: &str) -> (String, String) {
    let parts: Vec<&str> = pack.split('/').collect();
    (parts[2].to_owned(), parts[4].to_owned())
}

fn stand(service: &Service, case: &Case, pack: &str) -> Stand {
    let (case, item) = (case.clone(), ids(pack).1);
    let ctx = service.context(Service::coordinator());
    service.read(|conn| work::stand(conn, &ctx, &case, &item))
}
