//! `{"kind":"renewal"}`: the instants around the end of a term (10.8).

use domain::renewal::renewal;
use domain::terms::Terms;

use super::fault::{Fault, Problem};
use super::reader::Reader;
use super::reply::{Reply, Value};

/// Answers it. `term_end` is the last day of the term.
pub(super) fn answer(mut reader: Reader) -> Result<Reply, Vec<Fault>> {
    let term_end = reader.date("term_end");
    let term_end = reader.finish(term_end)?;
    let mut steps = Vec::new();
    let found = renewal(term_end, &Terms::product(), &mut steps)
        .map_err(|_| vec![Fault { at: "term_end".into(), problem: Problem::LeadsOutside }])?;
    Ok(Reply {
        values: vec![
            ("renewal_at", "Renovación", Value::At(Some(found.renewal_at))),
            (
                "last_valid_notice_at",
                "Límite del aviso de no renovación",
                Value::Limit(found.last_valid_notice_at),
            ),
            ("notices_at", "Avisos al cliente", Value::Many(found.notices_at)),
        ],
        steps: Some(steps),
    })
}
