//! Shows 5: every form of the dictionary opens, for the administrator who keeps it and for whoever answers it.

use std::collections::BTreeSet;

use cdr::domain::actor::Role;

use super::support::journey::sections;
use super::support::{Service, given};
use crate::both_engines;

/// The codes of the current version's forms.
fn codes(service: &Service) -> Vec<String> {
    let dictionary = service.app.house.dictionary();
    dictionary.forms.iter().map(|f| f.code.clone()).collect()
}

both_engines! {
    async fn all_forms_open_for_the_administrator(service) {
        let administrator = service.signed_in(Role::Administrator).await;
        let list = administrator.get("/admin/forms").await.is(200);
        let opened: BTreeSet<String> = list.links().into_iter().map(|(_, to)| to).filter(|to| to.starts_with("/admin/forms/")).collect();
        assert_eq!(opened.len(), 26, "{opened:?}");
        for to in &opened {
            let page = administrator.get(to).await.is(200);
            let code = to.rsplit('/').next().unwrap();
            let form = service.app.house.dictionary().form(code).unwrap();
            for field in form.fields() {
                assert!(page.text.contains(&format!("{}<", field.id)) || page.text.contains(&format!("\"{}\"", field.id)), "{to} leaves out {}", field.id);
            }
        }
    }

    async fn every_form_opens_for_whoever_answers_it(service) {
        let mut open: BTreeSet<String> = BTreeSet::new();
        let public = super::support::journey::begin_notification(service).await;
        assert!(!sections(&public.get("/notify/tasks").await.is(200), "/notify/section/").is_empty());
        open.insert("notification".into());

        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        for form in ["analysis", "record/cdrm_jar", "record/first_hours"] {
            let tasks = format!("/cases/{}/{form}", case.reference);
            for section in sections(&coordinator.get(&tasks).await.is(200), &format!("{tasks}/")) {
                coordinator.get(&section).await.is(200);
            }
            open.insert(form.trim_start_matches("record/").into());
        }

        let asked: Vec<String> = codes(service).into_iter().filter(|code| !open.contains(code)).collect();
        let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
        given::request(service, &case, "gp", &asked);
        let (agency, home) = given::opened_link(service, "gp@cdr.example").await;
        for form in asked {
            let tasks = format!("{home}/forms/{form}");
            let all = sections(&agency.get(&tasks).await.is(200), &format!("{tasks}/"));
            assert!(!all.is_empty(), "{form} asks nothing");
            agency.get(&all[0]).await.is(200);
            open.insert(form.to_owned());
        }
        assert_eq!(open.len(), 26, "{open:?}");
    }
}
