//! From a seed to a life, weighted towards edges: cut-offs, closing instants, day 5, ends of months,
//! holidays.

use domain::{Instant, NaiveDate};

use crate::dice::Dice;
use crate::life::{
    Act, ClientAct, DeskAct, Life, MailKind, MoneyAct, Scene, Weather, When, WorldAct,
};

/// First days of pólizas, each near something that decides: year, month, day.
pub const FIRST_DAYS: [(i32, u32, u32); 18] = [
    (2026, 11, 1),
    (2026, 11, 13),
    (2026, 11, 17),
    (2026, 11, 20),
    (2026, 11, 27),
    (2026, 11, 30),
    (2026, 12, 1),
    (2026, 12, 4),
    (2026, 12, 23),
    (2026, 12, 30),
    (2027, 1, 29),
    (2027, 2, 1),
    (2027, 2, 26),
    (2027, 3, 12),
    (2027, 3, 25),
    (2027, 4, 29),
    (2027, 9, 15),
    (2030, 9, 28),
];

/// The SPoCs, those who may authorise first; the latter half belongs to the second client.
const SPOCS: [&str; 4] = ["Ana", "Beto", "Carla", "Diego"];
/// The desk.
const DESK: [&str; 3] = ["Luis", "Mariana", "Sofía"];
/// The clients.
const CLIENTS: [&str; 2] = ["FERRE", "ANAHUAC"];

/// The life of a seed.
///
/// # Panics
/// When a first day is no date.
#[must_use]
pub fn life(seed: u64) -> Life {
    let mut dice = Dice::apart(seed, "life");
    let (year, month, day) = *dice.one(&FIRST_DAYS);
    let first_day = NaiveDate::from_ymd_opt(year, month, day).expect("a date");
    let midnight = Instant::from_local(first_day.and_hms_opt(0, 0, 0).expect("midnight"));
    let start = Instant::from_millis(midnight.millis() + dice.between(0, 86_400_000));
    // Drawn apart: what was drawn of a life before there was this stays as it was.
    let release = Dice::apart(seed, "release").happens(250);
    let weather = Weather { release, ..weather(&mut dice) };
    let count = dice.between(3, 28);
    let scenes = (0..count).flat_map(|_| scene(&mut dice)).collect();
    Life { seed, first_day, start, weather, scenes }
}

fn weather(dice: &mut Dice) -> Weather {
    if dice.happens(100) {
        return Weather::CALM;
    }
    Weather {
        crashes: dice.happens(700),
        errors: dice.happens(700),
        slow: dice.happens(500),
        events: dice.happens(600),
        skew: dice.happens(500),
        stale: dice.happens(300),
        release: false,
    }
}

/// An act; sometimes the next one comes in the same millisecond.
fn scene(dice: &mut Dice) -> Vec<Scene> {
    let when = when(dice);
    let mut scenes = vec![Scene { when, act: act(dice) }];
    if dice.happens(120) {
        scenes.push(Scene { when: When::After(0), act: act(dice) });
    }
    scenes
}

fn when(dice: &mut Dice) -> When {
    let beside = *dice.one(&[-60_000, -1000, -1, 0, 0, 1, 1000, 60_000]);
    match dice.below(100) {
        0..25 => When::After(dice.between(0, 600_000)),
        25..45 => When::After(dice.between(600_000, 6 * 3_600_000)),
        45..55 => When::After(dice.between(6 * 3_600_000, 60 * 3_600_000)),
        55..75 => {
            let hour = *dice.one(&[14, 14, 17, 17, 18, 18, 19, 9, 0, 16, 13]);
            When::Hour { hour, days: *dice.one(&[0, 0, 0, 1, 3]), beside }
        }
        75..87 => When::Due(beside),
        87..98 => When::Closing(beside),
        _ => When::After(dice.between(4 * 86_400_000, 9 * 86_400_000)),
    }
}

fn act(dice: &mut Dice) -> Act {
    match dice.below(100) {
        0..28 => client(dice),
        28..46 => mail(dice),
        46..53 => links(dice),
        53..83 => desk(dice),
        83..94 => money(dice),
        _ => Act::World(world(dice)),
    }
}

/// Mostly the newest ticket.
fn ticket(dice: &mut Dice) -> usize {
    *dice.weighted(&[(8, 0), (3, 1), (1, 2), (1, 3)])
}

fn spoc(dice: &mut Dice) -> String {
    (*dice.one(&SPOCS)).to_owned()
}

fn client(dice: &mut Dice) -> Act {
    use ClientAct as C;
    let verbs = [
        (9, C::Open),
        (2, C::OpenCritical),
        (8, C::Write),
        (3, C::StillFails),
        (4, C::AcceptSameDay),
        (1, C::DeclineSameDay),
        (2, C::AcceptCost),
        (1, C::Declare),
        (3, C::Confirm),
        (1, C::Withdraw),
    ];
    Act::Client { who: spoc(dice), ticket: ticket(dice), verb: *dice.weighted(&verbs) }
}

fn mail(dice: &mut Dice) -> Act {
    use MailKind as M;
    let kinds = [
        (6, M::New),
        (8, M::Answer),
        (4, M::Numbered),
        (3, M::OutOfOffice),
        (2, M::Spoofed),
        (1, M::SpoofedBadly),
        (3, M::UnprovenAnswer),
        (1, M::Garbage),
        (2, M::Again),
    ];
    let who = match dice.below(10) {
        0..8 => spoc(dice),
        // A second address of a SPoC's house, which nobody registered.
        8 => (*dice.one(&["ramon@ferretera.example", "olga@anahuac.example"])).to_owned(),
        _ => (*dice.one(&["nadie@otra.example", "rebotes@lista.example"])).to_owned(),
    };
    let (kind, ticket) = (*dice.weighted(&kinds), ticket(dice));
    Act::Mail { who, ticket, kind, twice: dice.happens(60) }
}

fn links(dice: &mut Dice) -> Act {
    let nth = usize::try_from(dice.below(4)).unwrap_or_default();
    Act::Links { who: spoc(dice), press: dice.happens(600).then_some(nth) }
}

fn desk(dice: &mut Dice) -> Act {
    use DeskAct as D;
    let verbs = [
        (10, D::Answer),
        (5, D::AskInformation),
        (2, D::AskAccess),
        (2, D::AnswerAndAsk),
        (14, D::Solve),
        (2, D::OutOfScope),
        (2, D::Note),
        (2, D::Call),
        (1, D::LateCall),
        (2, D::EndPause),
        (1, D::Escalate),
        (1, D::EscalateToEmergency),
        (1, D::CloseOutOfScope),
        (1, D::CloseNoAnswer),
        (1, D::CloseNotARequest),
        (1, D::CloseServiceEnded),
        (3, D::Thanks),
        (3, D::Merge),
        (1, D::AcknowledgePage),
        (1, D::ConfirmCriticality),
        (1, D::Downgrade),
        (1, D::StopOffers),
        (1, D::Waive),
        (2, D::Approve),
        (1, D::Reject),
        (1, D::Recalculate),
        (1, D::Assign),
        (1, D::OpenByCall),
        (2, D::ResendNotice),
        (1, D::GiveUpNotice),
        (2, D::ReleaseMail),
        (1, D::AdoptMail),
        (1, D::LinkMail),
        (1, D::DiscardMail),
    ];
    let who = (*dice.one(&DESK)).to_owned();
    Act::Desk { who, ticket: ticket(dice), verb: *dice.weighted(&verbs) }
}

fn money(dice: &mut Dice) -> Act {
    let percent = *dice.weighted(&[(6, 100), (2, 50), (1, 1), (1, 99), (1, 200)]);
    let days_ago = *dice.weighted(&[(6, 0), (3, 1), (2, 3), (1, 9)]);
    let verbs = [
        (10, MoneyAct::Pay { percent, days_ago }),
        (2, MoneyAct::PayAgain),
        (2, MoneyAct::Reverse),
        (2, MoneyAct::Tolerate(dice.between(0, 9))),
        (1, MoneyAct::Waive),
        (3, MoneyAct::Reactivate),
        (1, MoneyAct::ProposeBreach),
        (1, MoneyAct::ApproveBreach),
        (1, MoneyAct::EndBreach),
        (1, MoneyAct::Cancel),
        (1, MoneyAct::CancelAtOnce),
        (1, MoneyAct::DeclineRenewal),
    ];
    Act::Money { client: (*dice.one(&CLIENTS)).to_owned(), verb: *dice.weighted(&verbs) }
}

fn world(dice: &mut Dice) -> WorldAct {
    let minutes = *dice.one(&[3, 20, 90, 600, 2880]);
    let (who, on) = (spoc(dice), dice.happens(500));
    match dice.below(8) {
        0 | 1 => WorldAct::SchedulerDead(minutes),
        2 => WorldAct::StreamDead(minutes),
        3 => WorldAct::SweepDead(minutes),
        4 => WorldAct::MailDead(minutes.min(120)),
        5 => WorldAct::Bounces { who, on },
        6 => WorldAct::Refuses { who, on },
        _ => match dice.below(2) {
            0 => WorldAct::RotateKeys,
            _ => WorldAct::Expire,
        },
    }
}
