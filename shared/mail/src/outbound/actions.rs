//! What the recipient of a mail can do with one link (G14).

/// An act that a link in a mail leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Confirm the solution (9.5).
    Confirm,
    /// Say that it still fails (9.5).
    StillFails,
    /// Accept the same day at its cost (7.2a).
    AcceptSameDay,
    /// Decline the same day (7.2a).
    DeclineSameDay,
    /// Accept the cost of the emergency (7.4a).
    AcceptEmergencyCost,
    /// Declare the incident critical (1.4).
    DeclareCritical,
}

impl Action {
    /// Every act.
    pub const ALL: [Self; 6] = [
        Self::Confirm,
        Self::StillFails,
        Self::AcceptSameDay,
        Self::DeclineSameDay,
        Self::AcceptEmergencyCost,
        Self::DeclareCritical,
    ];

    /// What the link and the button of its page are called.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Confirm => "Quedó resuelto",
            Self::StillFails => "Sigue fallando",
            Self::AcceptSameDay => "Aceptar el mismo día",
            Self::DeclineSameDay => "Rechazar el mismo día",
            Self::AcceptEmergencyCost => "Autorizar el costo",
            Self::DeclareCritical => "Declarar crítica",
        }
    }
}

/// An act on held mail that a link in a mail leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MailAction {
    /// Say that one sent what came from one's address (M1a).
    SentIt,
    /// Adopt what a colleague wrote (1.2a).
    Adopt,
}

impl MailAction {
    /// Every act.
    pub const ALL: [Self; 2] = [Self::SentIt, Self::Adopt];

    /// What the link is called.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::SentIt => "Sí, lo envié yo",
            Self::Adopt => "Revisar y adoptar",
        }
    }
}

/// A page about a client's account that a link in a mail leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccountAction {
    /// How the account stands; it acts on nothing.
    Show,
    /// Give notice that the póliza is not to be renewed (10.8).
    DeclineRenewal,
    /// Cancel the póliza (10.7).
    Cancel,
    /// Accept the agreement (0.1).
    Accept,
}

impl AccountAction {
    /// Every page.
    pub const ALL: [Self; 4] = [Self::Show, Self::DeclineRenewal, Self::Cancel, Self::Accept];

    /// What the link and the button of its page are called.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Show => "Ver mi cuenta",
            Self::DeclineRenewal => "No renovar",
            Self::Cancel => "Cancelar la póliza",
            Self::Accept => "Aceptar el acuerdo",
        }
    }
}

/// What a link in a mail leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LinkedAct {
    /// An act on a ticket.
    Ticket(Action),
    /// An act on held mail.
    Mail(MailAction),
    /// A client's account.
    Account(AccountAction),
}

impl LinkedAct {
    /// What the link is called.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Ticket(action) => action.label(),
            Self::Mail(action) => action.label(),
            Self::Account(action) => action.label(),
        }
    }
}

/// A link in a mail. Its address is a credential: it is never shown in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct ActionLink {
    /// What it leads to.
    pub act: LinkedAct,
    /// The whole address.
    pub url: String,
}

impl std::fmt::Debug for ActionLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ActionLink({:?})", self.act)
    }
}
