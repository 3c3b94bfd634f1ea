//! `{"kind":"edition"}`: from when a published edition of the agreement may be in force (14).

use domain::edition::effective_from;
use domain::terms::Terms;

use super::fault::{Fault, Problem};
use super::reader::Reader;
use super::reply::{Reply, Value};

/// Answers it.
pub(super) fn answer(mut reader: Reader) -> Result<Reply, Vec<Fault>> {
    let published_at = reader.instant("published_at");
    let published_at = reader.finish(published_at)?;
    let mut steps = Vec::new();
    let effective_at = effective_from(published_at, &Terms::product(), &mut steps)
        .map_err(|_| vec![Fault { at: "published_at".into(), problem: Problem::LeadsOutside }])?;
    Ok(Reply {
        values: vec![("effective_at", "Entra en vigor", Value::At(Some(effective_at)))],
        steps: Some(steps),
    })
}
