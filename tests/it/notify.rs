//! Notifying a death, as the person who sends it.

use super::support::Sample;
use super::support::journey::notify_a_death;
use crate::both_engines;

both_engines! {
    async fn a_whole_notification_is_sent_and_the_team_told(service) {
        let (browser, reference) = notify_a_death(service, &Sample::child(1)).await;
        assert!(reference.starts_with("NKM-"), "{reference}");
        let mail = service.mail_to("sample.notifier@nhs.net");
        assert!(mail.body.contains(&reference));
        service.mail_to(&service.app.house.area.email);
        for mail in service.mails() {
            let text = format!("{} {}", mail.subject, mail.body);
            for secret in ["Testfamily1", "Samplechild1", "999000", "2024", "27 March"] {
                assert!(!text.contains(secret), "a mail says {secret}: {text}");
            }
        }
        browser.get("/notify/sent").await.is(200).says(&reference);
    }
}
