//! What Millora's staff does over HTTP: the work list, a ticket as a whole, and every act on it.
//!
//! Every path under `/desk` takes the token of an active member of the desk; the token of a SPoC is
//! answered with 403: it is good, but not for here. Agents and senior consultants work on tickets,
//! finance gives up charges, admins do both, and everybody reads. Acts that need a second person become
//! proposals that another member approves. Every act records who.
//!
//! > *9. Nivel 1: Atención estándar. Nivel 2: Consultor senior. Nivel 3: Emergencia.*

pub mod access;
pub mod accounts;
mod acts;
pub mod banks;
pub mod bodies;
pub mod client_views;
mod clients;
pub mod editions;
mod files;
pub mod gateway;
pub mod holidays;
pub mod mail_views;
pub mod mails;
pub mod merging;
pub mod notices;
pub mod participants;
mod read;
mod register;
mod search;
pub mod staff;
pub mod timeline;
pub mod views;
mod work;

use std::sync::Arc;

use app::ports::Env;
use axum::Router;
use utoipa::openapi::OpenApi;
use web::{Docs, Routes, Silent, surface};

/// The routes of the desk.
pub fn router<E: Env>(env: Arc<E>) -> Router {
    let (router, Silent) = routes::<E, _>(Silent).finish();
    surface(router.with_state(env))
}

/// What the routes say of themselves, added to `docs`.
#[must_use]
pub fn describe<E: Env>(docs: OpenApi) -> OpenApi {
    routes::<E, _>(docs).finish().1
}

fn routes<E: Env, D: Docs>(docs: D) -> Routes<Arc<E>, D> {
    with_clients(Routes::new(docs))
        .route(staff::__path_me, staff::me)
        .route(access::__path_put_member, access::put_member::<E>)
        .route(access::__path_issue, access::issue::<E>)
        .route(access::__path_list, access::list::<E>)
        .route(access::__path_revoke, access::revoke::<E>)
        .route(work::__path_work, work::work::<E>)
        .route(search::__path_find, search::find::<E>)
        .route(register::__path_register, register::register::<E>)
        .route(read::__path_show, read::show::<E>)
        .route(read::__path_why, read::why::<E>)
        .route(files::__path_upload, files::upload::<E>)
        .route(files::__path_download, files::download::<E>)
        .route(acts::__path_assign, acts::assign::<E>)
        .route(acts::__path_note, acts::note::<E>)
        .route(acts::__path_reply, acts::reply::<E>)
        .route(acts::__path_record, acts::record::<E>)
        .route(acts::__path_confirm_critical, acts::confirm_critical::<E>)
        .route(acts::__path_downgrade, acts::downgrade::<E>)
        .route(acts::__path_end_pause, acts::end_pause::<E>)
        .route(holidays::__path_recalculate, holidays::recalculate::<E>)
        .route(acts::__path_escalate, acts::escalate::<E>)
        .route(acts::__path_thanks, acts::thanks::<E>)
        .route(acts::__path_close, acts::close::<E>)
        .route(merging::__path_merge, merging::merge::<E>)
        .route(acts::__path_ack_page, acts::ack_page::<E>)
        .route(acts::__path_waive_charge, acts::waive_charge::<E>)
        .route(acts::__path_approve, acts::approve::<E>)
        .route(acts::__path_reject, acts::reject::<E>)
        .route(participants::__path_add, participants::add::<E>)
        .route(staff::__path_stop_offers, staff::stop_offers::<E>)
        .route(mails::__path_list, mails::list::<E>)
        .route(mails::__path_show, mails::show::<E>)
        .route(mails::__path_raw, mails::raw::<E>)
        .route(mails::__path_adopt, mails::adopt::<E>)
        .route(mails::__path_release, mails::release::<E>)
        .route(mails::__path_link, mails::link::<E>)
        .route(mails::__path_retry, mails::retry::<E>)
        .route(mails::__path_discard, mails::discard::<E>)
        .route(accounts::__path_list, accounts::list::<E>)
        .route(accounts::__path_show, accounts::show::<E>)
        .route(accounts::__path_why, accounts::why::<E>)
        .route(accounts::__path_liability, accounts::liability::<E>)
        .route(accounts::charges::__path_of_month, accounts::charges::of_month::<E>)
        .route(accounts::acts::__path_open, accounts::acts::open::<E>)
        .route(accounts::acts::__path_pay, accounts::acts::pay::<E>)
        .route(accounts::acts::__path_reverse, accounts::acts::reverse::<E>)
        .route(accounts::acts::__path_tolerate, accounts::acts::tolerate::<E>)
        .route(accounts::acts::__path_waive, accounts::acts::waive::<E>)
        .route(accounts::acts::__path_reactivate, accounts::acts::reactivate::<E>)
        .route(accounts::acts::__path_propose_breach, accounts::acts::propose_breach::<E>)
        .route(accounts::acts::__path_approve_breach, accounts::acts::approve_breach::<E>)
        .route(accounts::acts::__path_reject_breach, accounts::acts::reject_breach::<E>)
        .route(accounts::acts::__path_end_breach, accounts::acts::end_breach::<E>)
        .route(accounts::cited::__path_record, accounts::cited::record::<E>)
        .route(notices::__path_failed, notices::failed::<E>)
        .route(notices::__path_resend, notices::resend::<E>)
        .route(notices::__path_give_up, notices::give_up::<E>)
}

/// Clients, and what holds for all of them.
fn with_clients<E: Env, D: Docs>(routes: Routes<Arc<E>, D>) -> Routes<Arc<E>, D> {
    routes
        .route(clients::__path_preview, clients::preview::<E>)
        .route(clients::__path_enter, clients::enter::<E>)
        .route(clients::__path_show, clients::show::<E>)
        .route(holidays::__path_list, holidays::list::<E>)
        .route(holidays::__path_preview, holidays::preview::<E>)
        .route(holidays::__path_record, holidays::record::<E>)
        .route(editions::__path_list, editions::list::<E>)
        .route(editions::__path_publish, editions::publish::<E>)
        .route(banks::__path_show, banks::show::<E>)
        .route(banks::__path_set, banks::set::<E>)
        .route(banks::__path_preview, banks::preview::<E>)
        .route(banks::__path_apply, banks::apply::<E>)
        .route(banks::events::__path_list, banks::events::list::<E>)
        .route(banks::events::__path_retry, banks::events::retry::<E>)
        .route(banks::events::__path_discard, banks::events::discard::<E>)
}
