//! A life as data: what people and the world around do, and when. It can be written down, read again,
//! and lived again.

use domain::{Instant, NaiveDate};
use serde::{Deserialize, Serialize};

/// Everything that happens in a life, except for what follows from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Life {
    /// From which everything random follows: faults, delays, the order of what happens at once.
    pub seed: u64,
    /// The first day of the pólizas.
    pub first_day: NaiveDate,
    /// The instant at which the life begins, in milliseconds.
    pub start: Instant,
    /// What goes wrong.
    #[serde(default)]
    pub weather: Weather,
    /// What is done, one after the other.
    pub scenes: Vec<Scene>,
}

/// Which kinds of fault there are in a life.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each kind is there or not, by itself")]
pub struct Weather {
    /// Functions die before and after calls, and are cut at their time limit.
    pub crashes: bool,
    /// Calls fail: throttled, without an answer, with and without effect.
    pub errors: bool,
    /// Calls take time, so that functions run beside each other.
    pub slow: bool,
    /// Events are lost, repeated, late, out of order.
    pub events: bool,
    /// The clocks of the hosts differ.
    pub skew: bool,
    /// What is only glanced at is as it was before its last write.
    pub stale: bool,
    /// Some hosts are of the next release, from an instant on.
    #[serde(default)]
    pub release: bool,
}

impl Weather {
    /// Nothing goes wrong.
    pub const CALM: Self = Self {
        crashes: false,
        errors: false,
        slow: false,
        events: false,
        skew: false,
        stale: false,
        release: false,
    };
    /// Everything goes wrong.
    pub const STORM: Self = Self {
        crashes: true,
        errors: true,
        slow: true,
        events: true,
        skew: true,
        stale: true,
        release: true,
    };
}

/// One act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scene {
    /// When.
    pub when: When,
    /// What.
    pub act: Act,
}

/// When something happens, seen from the act before it. What would lie in the past happens at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// So many milliseconds later.
    After(i64),
    /// At the next such hour of Mexico City, so many days later and so many milliseconds beside it.
    Hour {
        /// The hour.
        hour: u32,
        /// Days.
        days: i64,
        /// Milliseconds, before or after it.
        beside: i64,
    },
    /// So many milliseconds beside the next instant at which a ticket has something due.
    Due(i64),
    /// So many milliseconds beside the instant at which the ticket closes by silence.
    Closing(i64),
}

/// What is done. People are named by first names; a ticket is one of those that there are, counted
/// from the newest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// A SPoC asks over HTTP.
    Client {
        /// His first name.
        who: String,
        /// Which ticket.
        ticket: usize,
        /// What.
        verb: ClientAct,
    },
    /// Somebody writes a mail.
    Mail {
        /// Who: a first name, or an address.
        who: String,
        /// Which ticket it is about.
        ticket: usize,
        /// Which kind of mail.
        kind: MailKind,
        /// The mail service's rules store it twice.
        twice: bool,
    },
    /// Somebody, or a scanner, opens every link of the last mail to a SPoC, and a person presses the
    /// button of one of them.
    Links {
        /// To whom the mail went.
        who: String,
        /// Which link is pressed; none where a scanner only looks.
        press: Option<usize>,
    },
    /// A member of the desk acts on a ticket.
    Desk {
        /// His first name.
        who: String,
        /// Which ticket.
        ticket: usize,
        /// What.
        verb: DeskAct,
    },
    /// The desk, or the client, acts on an account.
    Money {
        /// Whose: a client's code.
        client: String,
        /// What.
        verb: MoneyAct,
    },
    /// Something happens to the world.
    World(WorldAct),
}

/// What a SPoC asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the API's words")]
pub enum ClientAct {
    Open,
    OpenCritical,
    Write,
    StillFails,
    AcceptSameDay,
    DeclineSameDay,
    AcceptCost,
    Declare,
    Confirm,
    Withdraw,
}

/// What kind of mail comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailKind {
    /// A new request.
    New,
    /// An answer to our last mail to him.
    Answer,
    /// The ticket's number is in the subject.
    Numbered,
    /// His absence answers our last mail to him.
    OutOfOffice,
    /// His address in From, but it was not he.
    Spoofed,
    /// The same, and his domain rejects it.
    SpoofedBadly,
    /// The answer, in his name, of somebody who is not proven.
    UnprovenAnswer,
    /// No mail at all.
    Garbage,
    /// The last mail of his once more.
    Again,
    /// A mail that kills whoever reads it.
    Deadly,
}

/// What the desk does with a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the API's words")]
pub enum DeskAct {
    Answer,
    AskInformation,
    AskAccess,
    AnswerAndAsk,
    Solve,
    OutOfScope,
    Note,
    Call,
    LateCall,
    EndPause,
    Escalate,
    EscalateToEmergency,
    CloseOutOfScope,
    CloseNoAnswer,
    CloseNotARequest,
    CloseServiceEnded,
    Thanks,
    Merge,
    AcknowledgePage,
    ConfirmCriticality,
    Downgrade,
    StopOffers,
    Waive,
    Approve,
    Reject,
    Recalculate,
    Assign,
    OpenByCall,
    ResendNotice,
    GiveUpNotice,
    ReleaseMail,
    AdoptMail,
    LinkMail,
    DiscardMail,
}

/// What is done with an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoneyAct {
    /// A payment becomes known.
    Pay {
        /// So much of the fee, in percent.
        percent: i64,
        /// Its value date lies so many days back.
        days_ago: i64,
    },
    /// The last payment comes once more.
    PayAgain,
    /// The bank took the last payment back.
    Reverse,
    /// A later limit for the running month, so many days from today.
    Tolerate(i64),
    /// The running month is waived.
    Waive,
    /// The póliza is active again.
    Reactivate,
    /// A suspension for an obligation is proposed.
    ProposeBreach,
    /// It is approved.
    ApproveBreach,
    /// It ends.
    EndBreach,
    /// The client cancels at the end of the paid month.
    Cancel,
    /// The client cancels at once.
    CancelAtOnce,
    /// The client does not renew.
    DeclineRenewal,
}

/// What happens to the world.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorldAct {
    /// The Scheduler is dead for so many minutes.
    SchedulerDead(i64),
    /// The stream is dead for so many minutes; what it held comes afterwards.
    StreamDead(i64),
    /// The sweep does not run for so many minutes.
    SweepDead(i64),
    /// The mail service takes nothing for so many minutes.
    MailDead(i64),
    /// Mails to a SPoC come back for good from now on, or no longer.
    Bounces {
        /// His first name.
        who: String,
        /// Whether.
        on: bool,
    },
    /// The mail service refuses a SPoC's address from now on, or no longer.
    Refuses {
        /// His first name.
        who: String,
        /// Whether.
        on: bool,
    },
    /// New signing keys; those before still verify.
    RotateKeys,
    /// The table deletes what has expired.
    Expire,
    /// Something goes wrong once, at a call that is named.
    Fault(Fault),
    /// Every event that is worked on just now comes once more.
    EventsAgain,
    /// The sweep runs now.
    Sweep,
}

/// Something that goes wrong once: in the next run of a function that makes a call. It stays in wait
/// until there is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The function.
    pub function: String,
    /// Port and method, such as `store.commit`.
    pub call: String,
    /// The beginning of a sort key that the commit names; any call where this is empty.
    #[serde(default)]
    pub on: String,
    /// What goes wrong.
    pub what: Wrong,
}

/// What goes wrong at a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wrong {
    /// The run dies before the call.
    Dies,
    /// The run dies after the call.
    DiesAfter,
    /// The call is made, and no answer comes.
    Silence,
    /// The call takes so many milliseconds before it has an effect: whatever else happens then happens
    /// first.
    Waits(i64),
}
