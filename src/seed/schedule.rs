//! What happens in the life of a case, and when: working hours, the usual spans between one thing and the
//! next. Must not know how anything is done, nor what day it is now.

use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc, Weekday};

use super::chance::Chance;
use super::plan::{Plan, Quirk};
use super::story::Story;
use crate::domain::calendar::utc_of_london;

/// One thing that is done. A number is the place of an agency among those asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Notify,
    Complete,
    Decide,
    NotifyAgain,
    Join,
    NotifyNation,
    Ask,
    Waive,
    Claim(usize),
    Answer(usize),
    SendBack(usize),
    Accept(usize),
    Withdraw(usize),
    Response,
    FollowUp,
    Settle,
    Meet,
    AwaitInquest,
    Analyse,
    Ready,
    List,
    Defer,
    Panel,
    Finalise,
    Submit,
    Close,
    Reopen,
}

/// Steps with their times, in order.
pub type Diary = Vec<(DateTime<Utc>, Step)>;

struct Writer<'a> {
    diary: Diary,
    chance: &'a mut Chance,
}

impl Writer<'_> {
    /// Does a step in working hours, so many days after a day. Gives the day on which it is done.
    fn after(&mut self, day: NaiveDate, low: i64, high: i64, step: Step) -> NaiveDate {
        let mut done = day + Duration::days(self.chance.between(low, high));
        while matches!(done.weekday(), Weekday::Sat | Weekday::Sun) {
            done += Duration::days(1);
        }
        let hour = u32::try_from(self.chance.between(9, 16)).unwrap_or(9);
        let minute = u32::try_from(self.chance.between(0, 59)).unwrap_or(0);
        let at = done.and_hms_opt(hour, minute, 0).unwrap_or_default();
        self.diary.push((utc_of_london(at), step));
        done
    }
}

/// The whole life of a case, however far it reaches. `agencies` are asked.
pub fn of(plan: &Plan, story: &Story, agencies: usize, today: NaiveDate) -> Diary {
    let mut chance = plan.chance.branch("diary");
    let mut w = Writer {
        diary: Vec::new(),
        chance: &mut chance,
    };
    let decided = opening(&mut w, plan);
    let gathered = gathering(&mut w, plan, decided, agencies);
    if story.trigger.is_some() {
        let met = w.after(decided, 1, 3, Step::Response);
        w.after(met, 2, 3, Step::FollowUp);
    }
    let ready = meeting(&mut w, plan, story, gathered);
    if !just_now(&mut w, plan, today) {
        review(&mut w, plan, ready);
    }
    let mut diary = w.diary;
    diary.sort_by_key(|(at, _)| *at);
    in_turn(&mut diary);
    diary
}

/// From the notification to the decision. Gives the day of the decision.
fn opening(w: &mut Writer, plan: &Plan) -> NaiveDate {
    let hours = if w.chance.percent(8) && !plan.recent {
        w.chance.between(50, 110)
    } else {
        w.chance.between(2, 38)
    };
    let died = plan.child.died.and_time(plan.child.time);
    let sent = utc_of_london(died + Duration::minutes(hours * 60 + w.chance.between(0, 59)));
    w.diary.push((sent, Step::Notify));
    let day = sent.date_naive();
    if plan.quirk == Quirk::Early {
        w.after(day, 1, 1, Step::Complete);
    }
    let decided = w.after(day, 1, 2, Step::Decide);
    w.after(decided, 1, 1, Step::NotifyNation);
    if plan.quirk == Quirk::Twice {
        let again = w.after(decided, 1, 2, Step::NotifyAgain);
        w.after(again, 1, 1, Step::Join);
    }
    decided
}

/// From the requests to the last answer. Gives the day on which all is in.
fn gathering(w: &mut Writer, plan: &Plan, decided: NaiveDate, agencies: usize) -> NaiveDate {
    let asked = w.after(decided, 1, 3, Step::Ask);
    let mut last = w.after(asked, 1, 2, Step::Waive);
    for i in 0..agencies {
        let is_last = i + 1 == agencies;
        let claimed = w.after(asked, 1, 8, Step::Claim(i));
        if is_last && plan.quirk == Quirk::Late {
            last = last.max(w.after(asked, 75, 85, Step::Withdraw(i)));
            continue;
        }
        let mut answered = w.after(claimed, 1, 14, Step::Answer(i));
        if i == 0 && plan.quirk == Quirk::SentBack {
            let back = w.after(answered, 1, 2, Step::SendBack(i));
            answered = w.after(back, 30, 45, Step::Answer(i));
        }
        last = last.max(w.after(answered, 1, 7, Step::Accept(i)));
    }
    if plan.quirk == Quirk::Differ {
        last = w.after(last, 1, 4, Step::Settle);
    }
    w.after(last, 1, 2, Step::Waive)
}

/// From the review meeting to being ready. Gives the day on which the case is ready for the panel.
fn meeting(w: &mut Writer, plan: &Plan, story: &Story, gathered: NaiveDate) -> NaiveDate {
    let earliest = plan.child.died + Duration::days(w.chance.between(60, 110));
    let met = w.after(earliest.max(gathered), 1, 4, Step::Meet);
    let drafted = w.after(met, 3, 11, Step::Analyse);
    if story.inquest.is_none() {
        return w.after(drafted, 1, 30, Step::Ready);
    }
    let waiting = w.after(drafted, 1, 2, Step::AwaitInquest);
    let concluded = plan.child.died + Duration::days(w.chance.between(190, 360));
    w.after(waiting.max(concluded), 3, 9, Step::Ready)
}

/// From the list of the panel to the end, and back once where the case is reopened.
fn review(w: &mut Writer, plan: &Plan, ready: NaiveDate) {
    let usual = plan.child.died + Duration::days(w.chance.between(200, 370));
    let mut listed = w.after(ready.max(usual), 1, 6, Step::List);
    if plan.quirk == Quirk::Deferred {
        let put_off = w.after(listed, 14, 21, Step::Defer);
        listed = w.after(put_off, 30, 60, Step::List);
    }
    let held = w.after(listed, 14, 28, Step::Panel);
    let finalised = w.after(held, 2, 12, Step::Finalise);
    if plan.quirk == Quirk::Reopened {
        w.after(finalised, 60, 120, Step::Reopen);
        return;
    }
    let sent = w.after(finalised, 1, 6, Step::Submit);
    w.after(sent, 28, 70, Step::Close);
}

/// The day of the panel that met a few days ago: no weekend.
pub fn held(today: NaiveDate) -> NaiveDate {
    let mut day = today - Duration::days(8);
    while matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
        day -= Duration::days(1);
    }
    day
}

/// A panel of these days; says whether it is one.
fn just_now(w: &mut Writer, plan: &Plan, today: NaiveDate) -> bool {
    let ago = |days| today - Duration::days(days);
    match plan.quirk {
        Quirk::Ready => {}
        Quirk::Listed => {
            w.after(ago(10), 0, 1, Step::List);
        }
        Quirk::Analysed => {
            w.after(ago(32), 0, 1, Step::List);
            w.after(held(today), 0, 0, Step::Panel);
        }
        Quirk::Finalised => {
            w.after(ago(40), 0, 1, Step::List);
            let met = w.after(held(today), 0, 0, Step::Panel);
            w.after(met, 1, 2, Step::Finalise);
        }
        _ => return false,
    }
    true
}

/// What follows is done at least some minutes later, also on one day.
fn in_turn(diary: &mut Diary) {
    let mut last: Option<DateTime<Utc>> = None;
    for (at, _) in diary.iter_mut() {
        if let Some(last) = last {
            *at = (*at).max(last + Duration::minutes(7));
        }
        last = Some(*at);
    }
}
