//! The panel's analysis, finalising and reopening.

use std::io::Read;

use cdr::domain::actor::Role;

use super::support::given;
use super::support::journey::{a_finalised_case, analyse, missing};
use super::support::page::css;
use super::support::{Sample, Service};
use crate::both_engines;

/// The files of a package, by name.
fn files(service: &Service, body: Vec<u8>) -> std::collections::BTreeMap<String, String> {
    let path = service.database.folder().join("package.zip");
    std::fs::write(&path, body).unwrap();
    let mut package = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let mut files = std::collections::BTreeMap::new();
    for at in 0..package.len() {
        let mut file = package.by_index(at).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        let name = file.name().unwrap().rsplit('/').next().unwrap().to_owned();
        files.insert(name, text);
    }
    files
}

both_engines! {
    /// Shows 4: the whole path, on both engines.
    async fn from_a_notified_death_to_a_row_in_the_return(service) {
        let (coordinator, case) = a_finalised_case(service).await;
        coordinator.get(&format!("/cases/{case}")).await.is(200).says("Finalised");
        coordinator.get(&format!("/cases/{case}/finalise")).await.is(200).says("was finalised on");
        let mut form = coordinator.get("/returns").await.is(200).form_to("/returns");
        form.set("kind", "final").date("from", "1 4 2026").date("to", "30 4 2026").press("Make and download");
        let pairs = form.pairs();
        let request = coordinator.request(reqwest::Method::POST, "/returns").form(&pairs);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let files = files(service, answer.bytes().await.unwrap().to_vec());
        let rows = |name: &str| {
            let text = files.iter().find(|(n, _)| n.as_str() == name).unwrap_or_else(|| panic!("no {name} in {:?}", files.keys())).1;
            csv::Reader::from_reader(text.as_bytes()).into_records().map(|r| r.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()).collect::<Vec<_>>()
        };
        assert_eq!(rows("case.csv").len(), 1, "{:?}", files.keys());
        let factors = rows("factor.csv");
        assert_eq!(factors.len(), 1, "one row for each factor: {factors:?}");
        assert!(factors[0].iter().any(|c| c == "A01"), "{factors:?}");
        coordinator.get("/returns").await.is(200).says("Packages made").never_says("No package");
    }

    async fn nothing_is_finalised_until_everything_is_there(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let path = format!("/cases/{}/finalise", case.reference);
        let page = coordinator.get(&path).await.is(200).says("things are missing");
        let found = missing(&page);
        assert!(found.len() > 5, "{found:#?}");
        let form = page.form_with("Finalise the case");
        let page = coordinator.submit(&form).await.is(422);
        assert!(!page.errors().is_empty());
        for (words, href) in page.errors() {
            let (to, id) = href.split_once('#').map_or((href.as_str(), None), |(to, id)| (to, Some(id)));
            let to = if to.is_empty() { path.as_str() } else { to };
            let there = coordinator.open(to).await.is(200);
            if let Some(id) = id {
                let found = there.html().select(&css("[id]")).any(|e| e.value().id() == Some(id));
                assert!(found, "{words}: {href} is not on its page");
            }
        }
        assert_eq!(given::find(service, &case.reference).state, "gathering");
    }

    async fn a_case_is_reopened_with_a_reason_and_finalised_as_a_new_version(service) {
        let (coordinator, case) = a_finalised_case(service).await;
        let first = given::find(service, &case);
        assert!(first.finalised_at.is_some());
        // Nothing of a finalised case is changed.
        let section = format!("/cases/{case}/analysis/cause");
        let page = coordinator.post(&section, &[("version", "9"), ("case_summary", "Changed")]).await;
        assert!(page.status >= 400, "{}", page.status);
        coordinator.get(&format!("/cases/{case}/requests")).await.is(200).never_says("Send requests");
        let base = format!("/cases/{case}");
        let mut form = coordinator.get(&base).await.is(200).form_with("Reopen the case");
        coordinator.submit(&form).await.is(422);
        form.set("reason", "A synthetic reason.");
        coordinator.submit(&form).await.is(303);
        let open = given::find(service, &case);
        assert_eq!((open.state.as_str(), open.finalised_at), ("reopened", None));
        let form = coordinator.get(&format!("{base}/finalise")).await.is(200).form_with("Finalise the case");
        coordinator.submit(&form).await.is(303);
        let again = given::find(service, &case);
        assert!(again.return_version > first.return_version, "it is a new version");
        coordinator.submit(&form).await.is(303);
        assert_eq!(given::find(service, &case).return_version, again.return_version, "pressed twice is once");
        coordinator.get(&base).await.is(200).says("A synthetic reason.");
    }

    async fn the_analysis_says_what_is_wrong_at_its_place(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let header = format!("/cases/{}/analysis/header", case.reference);
        let mut form = coordinator.get(&header).await.is(200).form_to(&header);
        assert_eq!(form.value("cdop_identifier"), case.reference, "what is known is filled in");
        form.date("date_of_review", "1 1 2026");
        let page = coordinator.submit(&form).await.is(422).faults("on or after", "#date_of_review-day");
        assert_eq!(page.form_to(&header).value("date_of_review-day"), "1");
        form.date("date_of_review", "1 1 2030");
        coordinator.submit(&form).await.is(422);
        let domain = format!("/cases/{}/analysis/domain_a", case.reference);
        let form = coordinator.get(&domain).await.is(200).form_to(&domain);
        assert!(form.offers("factors_a-0-factor_code").iter().all(|code| code.starts_with('A')), "a domain offers its own factors");
        analyse(&coordinator, &case.reference, &Sample::analysis()).await;
        coordinator.get(&format!("/cases/{}", case.reference)).await.is(200);
    }

    async fn every_form_of_the_record_opens_for_staff(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        coordinator.get(&format!("/cases/{}/record", case.reference)).await.is(200);
        for form in &service.app.house.dictionary().forms.iter().map(|f| f.code.clone()).collect::<Vec<_>>() {
            if form == "analysis" {
                continue;
            }
            let path = format!("/cases/{}/record/{form}", case.reference);
            let page = coordinator.get(&path).await.is(200);
            let steps = super::support::journey::sections(&page, &format!("{path}/"));
            for step in steps.iter().take(3) {
                coordinator.get(step).await.is(200);
            }
        }
    }

    async fn junk_in_the_analysis_is_answered_with_the_page_again(service) {
        if service.engine == super::support::Engine::Sqlite {
            let case = given::case(service, 1);
            let coordinator = service.signed_in(Role::Coordinator).await;
            let tasks = format!("/cases/{}/analysis", case.reference);
            super::bad_input::junk_everywhere(&coordinator, &tasks, &format!("{tasks}/")).await;
        }
    }
}
