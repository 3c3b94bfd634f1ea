//! What has been read of a ticket while one batch of hints is worked through.
//!
//! The hints of one act come together: the ticket's head, then its notices, each of which needs the
//! ticket and its client. They are read once. A ticket that one of the notices has changed is read again,
//! and whatever is written still has the condition that the head is the one that was read.

use domain::TicketRef;

use crate::codec::Stored;
use crate::execute::{self, Loaded};
use crate::failure::Failure;
use crate::item::{Item, Key};
use crate::keys;
use crate::ports::{Env, Store};
use crate::records::Head;

/// The ticket that was looked at last.
#[derive(Debug, Default)]
pub struct Looked(Option<Ticket>);

#[derive(Debug)]
enum Ticket {
    /// Its head.
    Head(Box<Item>),
    /// Its head with the client and the agreements.
    Loaded(Box<Loaded>),
}

impl Looked {
    /// The head at `key` as it is now; none where there is none.
    ///
    /// # Errors
    /// What the store says.
    pub async fn head<E: Env>(&mut self, env: &E, key: &Key) -> Result<Option<Head>, Failure> {
        let item = env.store().get(key).await?;
        let head = item.as_ref().map(|item| Ok::<_, Failure>(Stored::<Head>::read(item)?.doc));
        let head = head.transpose()?;
        self.0 = item.map(|item| Ticket::Head(Box::new(item)));
        Ok(head)
    }

    /// A ticket with its client, as it was read last; none where there is none. Whoever does not change
    /// it gives it back.
    ///
    /// # Errors
    /// What the store says.
    pub async fn ticket<E: Env>(
        &mut self,
        env: &E,
        reference: &TicketRef,
    ) -> Result<Option<Loaded>, Failure> {
        let key = keys::head(reference);
        let item = match self.0.take() {
            Some(Ticket::Loaded(loaded))
                if loaded.head.doc.ticket.opened.reference == *reference =>
            {
                return Ok(Some(*loaded));
            }
            Some(Ticket::Head(item)) if item.key == key => Some(*item),
            Some(Ticket::Head(_) | Ticket::Loaded(_)) | None => env.store().get(&key).await?,
        };
        match item {
            Some(item) => Ok(Some(execute::load_with(env, &item).await?)),
            None => Ok(None),
        }
    }

    /// Keeps a ticket that was not changed.
    pub fn keep(&mut self, loaded: Option<Loaded>) {
        self.0 = loaded.map(|loaded| Ticket::Loaded(Box::new(loaded)));
    }
}
