//! The work list: which targets draw near, and what of it needs a person's eye.

use std::collections::BTreeMap;
use std::sync::Arc;

use app::client::{self, ClientFile};
use app::ports::Env;
use app::records::Head;
use app::tickets;
use axum::extract::State;
use domain::{ClientId, Instant};
use web::limits::{PAGE_ITEMS, PAGE_ITEMS_MAX, SCAN_TICKETS_MAX};
use web::views::TicketState;
use web::{Answer, Cursor, Duty, Names, Params, Problem, ReadErrors, StaffCaller};

use crate::views::{WorkItem, WorkList};

web::codes! {
    /// Which open tickets to list.
    WorkView {
        /// All of them.
        Due = "due",
        /// Those whose target draws near (7.10).
        Warned = "warned",
        /// Those that missed a target in their current cycle.
        Missed = "missed",
        /// Those whose page nobody has taken.
        Paged = "paged",
        /// Those for which nobody cares.
        Unassigned = "unassigned",
        /// Those for which the caller cares.
        Mine = "mine",
    }
}

/// Lists open tickets by the target that draws nearest, then those in which none is owed, the oldest
/// first.
#[utoipa::path(
    get,
    path = "/desk/work",
    operation_id = "desk_work",
    tag = "Desk",
    security(("token" = [])),
    params(
        ("view" = inline(Option<WorkView>), Query, description = "`due` unless said otherwise."),
        ("after" = Option<String>, Query, description = "Where the page starts: `next` of the last."),
    ),
    responses((status = 200, description = "A page.", body = WorkList), ReadErrors),
)]
pub(crate) async fn work<E: Env>(
    State(env): State<Arc<E>>,
    caller: StaffCaller,
    params: Params,
) -> Result<Answer<WorkList>, Problem> {
    caller.require(Duty::Reading)?;
    let (view, mut after) = params.read(|params| {
        let view = params.optional_code("view").unwrap_or(WorkView::Due);
        Some((view, Cursor::read(params)))
    })?;
    let env = env.as_ref();
    let mut asked = after.is_some();
    let limit = if view == WorkView::Due { PAGE_ITEMS } else { PAGE_ITEMS_MAX };
    let mut clients = Clients::default();
    let (mut listed, mut read) = (Vec::new(), 0);
    // A view is a filter over the whole list, so it reads on until a page is full.
    loop {
        let page = tickets::work(env, after, limit).await;
        let page = page.map_err(|failure| Cursor::problem(failure, asked))?;
        asked = false;
        read += page.items.len();
        let shown = clients.show(env, page.items, caller.received_at).await?;
        listed.extend(shown.into_iter().filter(|item| belongs(item, view, &caller)));
        after = page.next;
        if after.is_none() || listed.len() >= PAGE_ITEMS as usize || read >= SCAN_TICKETS_MAX {
            break;
        }
    }
    let next = after.as_deref().map(Cursor::of);
    Ok(Answer::ok(WorkList { tickets: listed, next }))
}

fn belongs(item: &WorkItem, view: WorkView, caller: &StaffCaller) -> bool {
    // A closing is true from its instant on, even before the closer has come by (9.6).
    let open = item.state != TicketState::Closed;
    open && match view {
        WorkView::Due => true,
        WorkView::Warned => item.warned,
        WorkView::Missed => item.missed,
        WorkView::Paged => item.paged,
        WorkView::Unassigned => item.assignee.is_none(),
        WorkView::Mine => {
            item.assignee.as_ref().is_some_and(|person| person.id == caller.member.id.as_str())
        }
    }
}

/// The clients of the tickets on a page, each read once.
#[derive(Default)]
pub(crate) struct Clients(BTreeMap<ClientId, ClientFile>);

impl Clients {
    /// Tickets as lists show them.
    pub(crate) async fn show<E: Env>(
        &mut self,
        env: &E,
        heads: Vec<Head>,
        now: Instant,
    ) -> Result<Vec<WorkItem>, Problem> {
        let assignees = heads.iter().filter_map(|head| head.ticket.assignee.clone());
        let names = Names::of(env, None, assignees).await?;
        let mut shown = Vec::new();
        for head in heads {
            let id = &head.ticket.opened.client;
            if !self.0.contains_key(id) {
                let file = client::load(env, id).await?;
                let file =
                    file.ok_or_else(|| Problem::fault(&format!("client {id} is missing")))?;
                self.0.insert(id.clone(), file);
            }
            let file = &self.0[id];
            let agreement = file.pinned(env, &head.ticket.cycle.pinned).await?;
            shown.push(WorkItem::of(&head, file, &agreement, &names, now)?);
        }
        Ok(shown)
    }
}
