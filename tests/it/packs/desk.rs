//! What is decided and signed at the desk, and what voids it.

use cdr::casework::packs::Stand;
use cdr::domain::actor::Role;
use cdr::store::{events, packs as store};
use serde_json::json;

use super::{build, ids, listed, released, sign, stand, take_all_out, upload};
use crate::both_engines;
use crate::support::{files, given};

both_engines! {
    async fn two_people_sign_and_a_changed_source_voids_it(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let case = given::case(service, 1);
        let (pack, member) = listed(service, &coordinator, &case, 10).await;
        member.get(&pack).await.is(403).says("being prepared").never_says("synthetic");
        build(&coordinator, &pack, "").await.is(303);
        coordinator.get(&format!("{pack}/desk")).await.is(200).says("not decided yet");
        assert_eq!(stand(service, &case, &pack), Stand::Draft);
        // Nobody signs over an open proposal, nor twice, nor over an old page.
        let csrf = coordinator.get(&format!("{pack}/desk")).await.is(200).form_with("Save decisions");
        let mut early = csrf.clone();
        early.press("Save decisions");
        let pairs: Vec<(String, String)> = early.pairs().into_iter().filter(|(name, _)| name == "csrf" || name == "version").collect();
        let mut pairs: Vec<(&str, &str)> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        pairs.push(("do", "sign"));
        coordinator.bare_post(&format!("{pack}/desk"), &pairs).await.is(422).says("not decided yet");
        take_all_out(&coordinator, &pack).await;
        sign(&coordinator, &pack, "Sign").await.is(303);
        assert_eq!(stand(service, &case, &pack), Stand::SignedOnce);
        coordinator.get(&format!("{pack}/desk")).await.is(200).says("Another person reads it");
        let doctor = service.signed_in(Role::DesignatedDoctor).await;
        let second = doctor.get(&format!("{pack}/desk")).await.is(200).form_with("Sign and release");
        coordinator.submit(&second).await;
        assert_eq!(stand(service, &case, &pack), Stand::SignedOnce, "one person does not sign twice");
        // Nobody releases an account whose source changed since the first signature.
        let set = async |words: &str| {
            let path = format!("/cases/{}/record/reporting/circumstances", case.reference);
            let mut form = coordinator.get(&path).await.is(200).form_to(&path);
            coordinator.submit(form.set("presenting_history", words)).await.is(303);
        };
        set("Said after the first signature; synthetic.").await;
        doctor.submit(&second).await.is(422).says("A source changed since the account was written. Write it anew.");
        assert_eq!(stand(service, &case, &pack), Stand::Behind);
        member.get(&pack).await.is(403).never_says("synthetic");
        set("").await;
        doctor.submit(&second).await.is(303);
        doctor.submit(&second).await.is(409);
        assert_eq!(stand(service, &case, &pack), Stand::Released);
        member.get(&pack).await.is(200).says("A synthetic account.").says("1 to 4 years");
        // The record changes: nobody reads it, the desk says why, and it is signed anew.
        let path = format!("/cases/{}/record/reporting/circumstances", case.reference);
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        coordinator.submit(form.set("presenting_history", "Something new; synthetic.")).await.is(303);
        member.get(&pack).await.is(403).says("being prepared").never_says("synthetic");
        member.get(&format!("{pack}/print")).await.is(403).never_says("synthetic");
        assert_eq!(stand(service, &case, &pack), Stand::Void);
        coordinator.get(&format!("{pack}/desk")).await.is(200).says("written anew and signed again");
        build(&coordinator, &pack, "").await.is(303);
        take_all_out(&coordinator, &pack).await;
        sign(&coordinator, &pack, "Sign").await.is(303);
        sign(&doctor, &pack, "Sign and release").await.is(303);
        member.get(&pack).await.is(200).says("Something new; synthetic.").says("I have read this");
        assert_eq!(service.read(|conn| Ok(store::last_of(conn, &ids(&pack).1)?)).unwrap().number, 2);
        assert_eq!(service.read(|conn| Ok(events::latest(conn, "pack_released", 9)?)).len(), 2);
        let clocks = coordinator.get(&format!("/cases/{}/clocks", case.reference)).await.is(200);
        clocks.says("Panel pack released");
    }

    async fn a_child_who_could_be_known_by_age_place_and_cause_is_warned_of(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let alike = |n: u32| {
            let mut answers = given::answers(n);
            answers["suspected_category"] = json!("5");
            given::case_of(service, &answers)
        };
        let case = alike(1);
        let (pack, _) = listed(service, &coordinator, &case, 10).await;
        build(&coordinator, &pack, "").await.is(303);
        let desk = coordinator.get(&format!("{pack}/desk")).await.is(200);
        let mut form = desk.form_with("Save decisions");
        assert!(form.has("rarity"));
        coordinator.submit(form.set("rarity", "").press("Save, and take out all that is not decided")).await.is(303);
        let desk = coordinator.get(&format!("{pack}/desk")).await.is(200).says("This child could be told by age, place and cause");
        assert!(desk.forms().iter().all(|form| !form.has_button("Sign")));
        let version = desk.form_with("Save decisions").value("version").clone();
        let refused = coordinator.post(&format!("{pack}/desk"), &[("do", "sign"), ("version", &version)]).await.is(422);
        refused.says("Say what was done so that age, place and cause together do not point to one child.");
        take_all_out(&coordinator, &pack).await;
        sign(&coordinator, &pack, "Sign").await.is(303);
        // With four more of the same age, place and cause in these years nobody is pointed to.
        for n in 2..=5 {
            alike(n);
        }
        build(&coordinator, &pack, "").await.is(303);
        let desk = coordinator.get(&format!("{pack}/desk")).await.is(200);
        assert!(!desk.text.contains("name=\"rarity\""));
        take_all_out(&coordinator, &pack).await;
        sign(&coordinator, &pack, "Sign").await.is(303);
    }

    async fn a_day_that_changes_voids_the_signatures_like_a_word(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let case = given::case(service, 1);
        let path = format!("/cases/{}/record/cdrm_jar/post_mortem", case.reference);
        let set = async |day: &str| {
            let mut form = coordinator.get(&path).await.is(200).form_to(&path);
            coordinator.submit(form.date("pm_date", day)).await.is(303);
        };
        set("29 3 2026").await;
        let (pack, member) = listed(service, &coordinator, &case, 10).await;
        let doctor = released(service, &coordinator, &pack).await;
        member.get(&pack).await.is(200).says("2 days after the death");
        set("30 3 2026").await;
        assert_eq!(stand(service, &case, &pack), Stand::Void);
        member.get(&pack).await.is(403).never_says("days after the death");
        build(&coordinator, &pack, "").await.is(303);
        take_all_out(&coordinator, &pack).await;
        sign(&coordinator, &pack, "Sign").await.is(303);
        sign(&doctor, &pack, "Sign and release").await.is(303);
        member.get(&pack).await.is(200).says("3 days after the death");
        // Every step is counted from the date of death.
        let path = format!("/cases/{}/record/notification/child", case.reference);
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        coordinator.submit(form.date("date_of_death", "26 3 2026")).await.is(303);
        assert_eq!(stand(service, &given::find(service, &case.reference), &pack), Stand::Void);
        member.get(&pack).await.is(403);
    }

    async fn what_a_post_mortem_found_is_folded_away_unless_a_person_says_otherwise(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let case = given::case(service, 1);
        let path = format!("/cases/{}/record/cdrm_jar/post_mortem", case.reference);
        let mut form = coordinator.get(&path).await.is(200).form_to(&path);
        coordinator.submit(form.set("preliminary_findings", "The lungs were heavy; synthetic.")).await.is(303);
        let (pack, member) = listed(service, &coordinator, &case, 10).await;
        let doctor = released(service, &coordinator, &pack).await;
        let note = "Before you open this: What the post-mortem found.";
        member.get(&pack).await.is(200).says(note).says("The lungs were heavy");
        // That it needs no note is a decision, which stays when the account is written anew.
        let desk = format!("{pack}/desk");
        let mut emptied = coordinator.get(&desk).await.is(200).says("Folded behind: What the post-mortem found.").form_with("Save the note");
        coordinator.submit(emptied.set("part", "post_mortem").set("note", "")).await.is(303);
        coordinator.get(&desk).await.is(200).never_says("Folded behind");
        build(&coordinator, &pack, "").await.is(303);
        take_all_out(&coordinator, &pack).await;
        sign(&coordinator, &pack, "Sign").await.is(303);
        sign(&doctor, &pack, "Sign and release").await.is(303);
        member.get(&pack).await.is(200).never_says("Before you open this").says("The lungs were heavy");
    }

    async fn what_is_left_is_read_and_other_words_are_taken_out_by_hand(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let mut answers = given::answers(1);
        answers["circumstances"] = json!("At the Sample fair Bryony saw it. A blue kite with a dragon was flying.");
        let case = given::case_of(service, &answers);
        let (pack, member) = listed(service, &coordinator, &case, 10).await;
        build(&coordinator, &pack, "").await.is(303);
        let desk = format!("{pack}/desk");
        // A stale page changes nothing.
        let stale = coordinator.get(&desk).await.is(200).form_with("Take out");
        let mut form = coordinator.get(&desk).await.is(200).form_with("Save decisions");
        let bryony = format!("cut-{}", cdr::casework::packs::key_of("Bryony"));
        coordinator.submit(form.set(&bryony, "no").press("Save decisions")).await.is(303);
        let mut other = stale.clone();
        coordinator.submit(other.set("words", "dragon")).await.is(409).says("dragon");
        let mut form = coordinator.get(&desk).await.is(200).form_with("Take out");
        coordinator.submit(form.set("words", "unicorn")).await.is(422).faults("These words stand nowhere in the account", "#words");
        coordinator.submit(form.set("words", "blue kite with a dragon")).await.is(303);
        let mut note = coordinator.get(&desk).await.is(200).form_with("Save the note");
        note.set("part", "death").set("note", "How Samplechild1 died");
        coordinator.submit(&note).await.is(422).faults("The note must not say who somebody is: members read it as it stands", "#note");
        coordinator.submit(note.set("note", "Describes how the child was found.")).await.is(303);
        take_all_out(&coordinator, &pack).await;
        sign(&coordinator, &pack, "Sign").await.is(303);
        let doctor = service.signed_in(Role::DesignatedDoctor).await;
        sign(&doctor, &pack, "Sign and release").await.is(303);
        member.get(&pack).await.is(200).says("Bryony saw it.").says("A [taken out] was flying.").never_says("dragon")
            .says("Before you open this: Describes how the child was found.");
    }

    async fn a_document_without_words_is_refused_and_nothing_is_lost(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let case = given::case(service, 1);
        upload(&coordinator, &case, "scan.pdf", &files::pdf(|_, _| {})).await;
        upload(&coordinator, &case, "picture.png", &files::picture(image::ImageFormat::Png)).await;
        let (pack, _) = listed(service, &coordinator, &case, 10).await;
        build(&coordinator, &pack, "1|2").await.is(422).says("its pages are pictures").says("cannot be read out");
        build(&coordinator, &pack, "").await.is(303);
        build(&coordinator, &pack, "2").await.is(422);
        coordinator.get(&format!("{pack}/desk")).await.is(200).says("A synthetic account.");
    }
}
