//! The directory of whom to ask: kept by hand and from a file, and proposed where a death speaks for an agency.

use cdr::domain::actor::Role;
use cdr::store::{contacts, events};
use chrono::Datelike;

use super::support::given::{self, opened_link};
use super::support::journey::{fill_form, send_answers};
use super::support::{Browser, Page, Sample, Service};
use crate::both_engines;

/// Adds somebody through the page.
async fn add(
    browser: &Browser,
    agency: &str,
    name: &str,
    email: &str,
    more: &[(&str, &str)],
) -> Page {
    let mut form = browser
        .get("/directory/new")
        .await
        .is(200)
        .form_to("/directory/new");
    form.set("agency", agency)
        .set("name", name)
        .set("email", email);
    for (field, value) in more {
        form.set(field, value);
    }
    browser.submit(&form).await
}

async fn file(browser: &Browser, text: &str) -> Page {
    browser
        .upload("/directory/import", &[], ("contacts.csv", text.as_bytes()))
        .await
}

/// Where the link with these words leads.
fn link(page: &Page, words: &str) -> String {
    let found = page
        .links()
        .into_iter()
        .find(|(text, _)| text.contains(words));
    found.unwrap_or_else(|| panic!("no link says {words}")).1
}

fn count(service: &Service) -> usize {
    service.read(|conn| Ok(contacts::all(conn)?)).len()
}

both_engines! {
    async fn the_organisations_are_shown_with_what_came_before_and_after(service) {
        for role in [Role::Administrator, Role::Coordinator] {
            let browser = service.signed_in(role).await;
            let home = browser.get("/admin").await.is(200);
            assert!(home.links().iter().any(|(_, to)| to == "/admin/organisations"), "{role:?}");
            let page = browser.get("/admin/organisations").await.is(200);
            let rows = page.texts("tbody tr");
            let of = |name: &str| rows.iter().find(|row| row.trim_start().starts_with(name)).unwrap_or_else(|| panic!("no {name}"));
            let ended = of("NHS Kent and Medway CCG");
            for words in ["clinical commissioning group", "1 April 2020", "30 June 2022", "NHS Ashford CCG, NHS Canterbury and Coastal CCG", "NHS Kent and Medway Integrated Care Board"] {
                assert!(ended.contains(words), "{words}: {ended}");
            }
            assert!(of("Kent County Council").contains("Goes on"));
        }
        for role in [Role::DesignatedDoctor, Role::Auditor, Role::PanelMember] {
            let other = service.signed_in(role).await;
            other.get("/admin/organisations").await.is(403);
            other.get("/admin").await.is(200).never_says("what came before and after each");
        }
    }

    async fn a_contact_is_added_changed_and_taken_out(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let page = add(&coordinator, "", "", "nobody", &[("deputy_name", "Sample Deputy"), ("away_from-day", "31"), ("away_from-month", "4")]).await.is(422);
        let page = page.faults("Choose the agency", "#agency").faults("Enter the name", "#name").faults("Enter an email address", "#email")
            .faults("both the name and the email address", "#deputy_email").faults("First day away", "#away_from-day");
        let form = page.form_to("/directory/new");
        assert_eq!((form.value("email").as_str(), form.value("deputy_name").as_str(), form.value("away_from-day").as_str()), ("nobody", "Sample Deputy", "31"));
        add(&coordinator, "police", "Sample Desk", "desk@police.example", &[]).await.is(303).moved_to("/directory");
        add(&coordinator, "police", "Sample Other", "DESK@police.example", &[]).await.is(422).faults("has this email address", "#email");
        add(&coordinator, "social_care", "Sample Door", "door@council.example", &[]).await.is(303);
        coordinator.get("/directory?find=desk").await.is(200).says("Sample Desk").never_says("Sample Door");
        coordinator.get("/directory?agency=social_care").await.is(200).says("Sample Door").never_says("Sample Desk");
        coordinator.get("/directory?find=nobody").await.is(200).says("Nobody was found");
        let list = coordinator.get("/directory").await.is(200);
        let to = link(&list, "Sample Desk");
        let page = coordinator.get(&to).await.is(200);
        let mut form = page.form_to(&to);
        let stale = form.clone();
        form.set("district", "E07000108").set("organisation", "Sample Force");
        coordinator.submit(&form).await.is(303);
        let mut stale = stale;
        stale.set("organisation", "Sample Other Force");
        let both = coordinator.submit(&stale).await.is(409).says("Somebody else changed this contact").says("Sample Other Force").says("Saved meanwhile").says("Dover");
        // Having seen both, it is saved.
        let mut again = both.form_to(&to);
        again.set("district", "E07000108");
        assert_eq!(again.value("organisation"), "Sample Other Force");
        coordinator.submit(&again).await.is(303);
        let changed = service.read(|conn| Ok(events::latest(conn, "contact_changed", 9)?));
        assert_eq!(changed.len(), 2);
        assert!(changed[0].detail.contains(r#""before":{"organisation":"Sample Force"},"after":{"organisation":"Sample Other Force"}"#), "{}", changed[0].detail);
        coordinator.get("/directory?find=force").await.is(200).says("Dover");
        let page = coordinator.get(&to).await.is(200);
        let mut form = page.form_to(&to);
        form.press("Take out of the directory");
        coordinator.submit(&form).await.is(303);
        coordinator.get(&to).await.is(404);
        coordinator.get("/directory").await.never_says("Sample Desk");
        // Whoever was taken out can come back.
        add(&coordinator, "police", "Sample Desk", "desk@police.example", &[]).await.is(303);
        assert_eq!(count(service), 2);
    }

    async fn who_may_keep_it_and_who_may_only_see_it(service) {
        service.signed_in(Role::Coordinator).await;
        let doctor = service.signed_in(Role::DesignatedDoctor).await;
        doctor.get("/directory").await.is(200).never_says("Add a contact");
        doctor.get("/directory/new").await.is(403);
        doctor.post("/directory/new", &[("agency", "gp")]).await.is(403);
        doctor.post("/directory/import/take", &[("text", "agency,name,email\ngp,A,a@b.example")]).await.is(403);
        let auditor = service.signed_in(Role::Auditor).await;
        auditor.get("/directory").await.is(403);
        let administrator = service.signed_in(Role::Administrator).await;
        add(&administrator, "gp", "Sample Surgery", "surgery@gp.example", &[]).await.is(303);
        assert_eq!(count(service), 1);
    }

    async fn a_file_is_judged_whole_before_a_line_is_written(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        add(&coordinator, "police", "Sample Desk", "desk@police.example", &[]).await.is(303);
        let head = "agency,name,email,district\n";
        let mut text = head.to_owned();
        let lines = (0..200).map(|n| format!("gp,Sample Surgery {n},surgery{n}@gp.example,\n"));
        text.extend(lines);
        text.push_str("nobody,Sample,x@gp.example,\ngp,,not an address,Atlantis\ngp,Sample,SURGERY7@gp.example,\ngp,Sample\n");
        let mut page = file(&coordinator, &text).await.is(200).says("Nothing has been written yet").says("4 lines cannot be taken");
        for words in ["Choose the agency", "Enter the name", "Enter an email address", "Choose the district", "Line 9 has the same agency", "another number of cells"] {
            page = page.says(words);
        }
        assert_eq!(count(service), 1, "nothing was written");
        coordinator.post("/directory/import/take", &[("text", &text)]).await.is(422).says("Nothing was taken over");
        assert_eq!(count(service), 1);
        let good = format!("{head}Police,Sample Front Desk,desk@police.example,dover\nGP or primary care,Sample Surgery,surgery@gp.example,\n");
        let page = file(&coordinator, &good).await.is(200).says("1 would be added, 1 changed");
        coordinator.submit(&page.form_with("Take them over")).await.is(303);
        assert_eq!(count(service), 2);
        coordinator.get("/directory").await.is(200).says("Sample Front Desk").says("Dover");
        file(&coordinator, &good).await.is(200).says("0 would be added, 0 changed; 2 stand there already");
        // What the file has no column for stays.
        file(&coordinator, "agency,name,email\npolice,Sample Front Desk,desk@police.example\n").await.is(200).says("0 would be added, 0 changed");
        for (text, words) in [("", "Choose a CSV file"), ("a,b\n1,2\n", "must name a column “agency”"), ("agency,name,email\n", "holds no line")] {
            file(&coordinator, text).await.is(422).says(words);
        }
        assert_eq!(service.read(|conn| Ok(events::latest(conn, "directory_imported", 10)?)).len(), 1);
    }

    async fn the_circumstances_propose_whom_to_ask_and_a_person_confirms(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        add(&coordinator, "social_care", "Sample Front Door", "door@council.example", &[]).await.is(303);
        add(&coordinator, "social_care", "Sample Dover Door", "dover@council.example", &[("district", "E07000108")]).await.is(303);
        let case = given::case(service, 1);
        let path = format!("/cases/{}/requests", case.reference);
        let page = coordinator.get(&path).await.is(200)
            .says("social care: Sample Front Door").says("says whether it knew the child")
            .says("Health visiting").says("The child was under 5.").says("names nobody for this agency")
            .never_says("The child was of school age").never_says("Sample Dover Door");
        let mut form = page.form_to(&path);
        let row = form.names().into_iter().find_map(|n| {
            let row = n.strip_suffix("-email")?;
            (form.value(n) == "door@council.example").then(|| row.to_owned())
        }).unwrap();
        // Nobody is asked whom no person ticked.
        let send = format!("{row}-send");
        assert!(!form.pairs().iter().any(|(name, _)| *name == send));
        form.set(&send, "yes");
        coordinator.submit(&form).await.is(303);
        coordinator.get(&path).await.is(200).says("social care: Sample Front Door").never_says("says whether it knew the child");
        let (agency, home) = opened_link(service, "door@council.example").await;
        coordinator.get("/directory").await.is(200).says("Never");
        fill_form(&agency, &format!("{home}/forms/reporting"), &Sample::answer().with("agency", "social_care")).await;
        send_answers(&agency, &home).await.is(200);
        let door = service.read(|conn| {
            let all = contacts::all(conn)?;
            let fared = contacts::fared(conn)?;
            Ok(all.into_iter().find(|c| c.name == "Sample Front Door").map(|c| fared.get(&c.id).copied()))
        });
        let fared = door.flatten().unwrap();
        assert!(fared.replied_at.is_some() && fared.asked_at.is_some() && fared.bounced_at.is_none());
        // A message that cannot be delivered is told, and its address is proposed no more.
        let other = given::case(service, 2);
        let path = format!("/cases/{}/requests", other.reference);
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        form.set(&send, "yes");
        coordinator.submit(&form).await.is(303);
        let mail = service.mail_to("door@council.example");
        service.write(Service::coordinator(), move |tx, _| {
            tx.unchanged();
            Ok(cdr::store::outbox::mark_failed(tx, &mail.id, "synthetic", None)?)
        }).unwrap();
        coordinator.get("/directory").await.is(200).says("A mail could not be delivered");
        let third = given::case(service, 3);
        coordinator.get(&format!("/cases/{}/requests", third.reference)).await.is(200).never_says("social care: Sample Front Door");
    }

    async fn whoever_is_of_the_place_of_death_is_proposed_first(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        add(&coordinator, "hospital_paeds", "Sample Other Paeds", "paeds@other.example", &[("organisation", "Sample Other Hospital"), ("district", "E07000110")]).await.is(303);
        add(&coordinator, "hospital_paeds", "Sample General Paeds", "paeds@general.example", &[("organisation", "Sample General Hospital"), ("district", "E07000108")]).await.is(303);
        // What is not a place of care goes by the district as before.
        add(&coordinator, "health_visiting", "Sample Visitors", "visitors@general.example", &[("organisation", "Sample General Hospital"), ("district", "E07000108")]).await.is(303);
        let mut answers = given::answers(1);
        answers["referrer_agency"] = "police".into();
        answers["place_of_death_type"] = "hosp_ward".into();
        answers["place_of_death_name"] = "Sample General Hospital, Children’s ward".into();
        let case = given::case_of(service, &answers);
        coordinator.get(&format!("/cases/{}/requests", case.reference)).await.is(200)
            .says("Sample General Paeds").says("The child died in hospital. This contact is of the organisation where the child died.")
            .never_says("Sample Other Paeds").never_says("Sample Visitors");
        answers = given::answers(2);
        answers["referrer_agency"] = "police".into();
        answers["place_of_death_type"] = "hosp_ward".into();
        answers["place_of_death_name"] = "Medway NHS Foundation Trust".into();
        let case = given::case_of(service, &answers);
        let path = format!("/cases/{}/requests", case.reference);
        coordinator.get(&path).await.is(200).says("Sample Other Paeds").never_says("where the child died");
        add(&coordinator, "hospital_paeds", "Sample Trust Paeds", "paeds@trust.example", &[("organisation_code", "RPA")]).await.is(303);
        coordinator.get(&path).await.is(200).says("Sample Trust Paeds").says("where the child died");
    }

    async fn an_organisation_is_chosen_from_the_list_or_typed_where_it_is_not_there(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let of = [("organisation_code", "RPA"), ("organisation", "Sample Hospital")];
        let page = add(&coordinator, "hospital_paeds", "Sample Paeds", "paeds@trust.example", &of).await.is(422).faults("but not both", "#organisation");
        let mut form = page.form_to("/directory/new");
        assert_eq!((form.value("organisation_code").as_str(), form.value("organisation").as_str()), ("RPA", "Sample Hospital"));
        assert!(!form.offers("organisation_code").iter().any(|code| code == "91Q"), "one that has ended is not offered");
        form.set("organisation", "");
        coordinator.submit(&form).await.is(303);
        let page = coordinator.get("/directory").await.is(200).says("Medway NHS Foundation Trust");
        let to = link(&page, "Sample Paeds");
        let form = coordinator.get(&to).await.is(200).form_to(&to);
        assert_eq!((form.value("organisation_code").as_str(), form.value("organisation").as_str()), ("RPA", ""));
        // What was typed before stays as it was typed.
        add(&coordinator, "hospital_paeds", "Sample Typed", "typed@trust.example", &[("organisation", "Sample Hospital")]).await.is(303);
        let to = link(&coordinator.get("/directory").await.is(200), "Sample Typed");
        let form = coordinator.get(&to).await.is(200).form_to(&to);
        assert_eq!((form.value("organisation_code").as_str(), form.value("organisation").as_str()), ("", "Sample Hospital"));
        coordinator.submit(&form).await.is(303);
        coordinator.get("/directory").await.is(200).says("Sample Hospital");
    }

    async fn somebody_is_found_in_the_directory_and_a_deputy_stands_in(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let today = service.now().date_naive();
        let (day, month, year) = (today.day().to_string(), today.month().to_string(), today.year().to_string());
        let away = [
            ("deputy_name", "Sample Deputy"), ("deputy_email", "deputy@camhs.example"), ("away_from-day", day.as_str()),
            ("away_from-month", month.as_str()), ("away_from-year", year.as_str()),
        ];
        add(&coordinator, "mental_health", "Sample Therapist", "therapist@camhs.example", &away).await.is(303);
        coordinator.get("/directory").await.is(200).says("Sample Deputy stands in");
        let case = given::case(service, 1);
        let path = format!("/cases/{}/requests", case.reference);
        let page = coordinator.get(&format!("{path}?find=therap")).await.is(200).says("Found in the directory").says("Sample Deputy stands in");
        let to = link(&page, "Sample Therapist");
        let page = coordinator.get(to.split('#').next().unwrap()).await.is(200).says("Sample Deputy (from the directory)");
        let form = page.form_to(&path);
        coordinator.submit(&form).await.is(303);
        opened_link(service, "deputy@camhs.example").await;
        coordinator.get(&format!("{path}?find=nobody+at+all")).await.is(200).says("The directory has nobody like that");
        coordinator.get(&format!("{path}?contact=nothing")).await.is(200).never_says("from the directory)");
    }
}
