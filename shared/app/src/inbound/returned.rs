//! A report that one of our mails came back (M3). It has the same effect as the mail service's own word,
//! where a mark of ours shows that the report speaks of that mail and of that recipient.

use domain::ticket::Recipient;
use mail::Address;
use mail::inbound::ReportKind;

use super::reading::Reading;
use super::sender::{threading_keys, verified};
use crate::addresses::Codes;
use crate::client;
use crate::codec::Stored;
use crate::failure::Failure;
use crate::keys;
use crate::outbox;
use crate::ports::{Env, Store};
use crate::records::{NoticeRecord, NoticeStatus, NoticeSubject};

/// Marks the notice of a mail that came back for good, if the report shows it. Again is no change.
///
/// # Errors
/// What the store says.
pub(super) async fn settle<E: Env>(
    env: &E,
    codes: &Codes,
    reading: &Reading,
) -> Result<(), Failure> {
    let Some(report) = &reading.report else { return Ok(()) };
    let Some(notice) = report.notice_id.as_deref() else { return Ok(()) };
    let keys = threading_keys(env).await?;
    let Some((ticket, recipient)) = verified(report, &keys) else { return Ok(()) };
    let (action, status) = (recipient.action.as_str(), recipient.status.as_str());
    let for_good = action.eq_ignore_ascii_case("failed") && status.starts_with('5');
    if report.kind != ReportKind::Delivery || !for_good {
        return Ok(());
    }
    let key = keys::notice(&keys::ticket(ticket), notice);
    let Some(item) = env.store().get(&key).await? else { return Ok(()) };
    let NoticeSubject::Ticket { notice, .. } = Stored::<NoticeRecord>::read(&item)?.doc.subject
    else {
        return Ok(());
    };
    let Some(address) = &recipient.address else { return Ok(()) };
    let went_there = match &notice.to {
        Recipient::Spoc(id) => {
            let file = client::load(env, &ticket.client()).await?;
            let spoc = file.as_ref().and_then(|file| file.spoc(id));
            let emails = spoc.map(|spoc| spoc.emails.as_slice()).unwrap_or_default();
            emails.iter().filter_map(|it| Address::parse(it).ok()).any(|it| it == *address)
        }
        Recipient::Participant(id) => codes.participant(address)? == *id,
        Recipient::Desk | Recipient::OnCall => false,
    };
    if !went_there {
        return Ok(());
    }
    let why = format!("report: {status}");
    outbox::mark_failed(env, &key, NoticeStatus::Bounced, &why).await
}
