//! How the values of the agreement are read and written: spans (2.2).

use domain::terms::Span;

/// A span is text with a unit, or a number of seconds, of at most 366 days; it is written with the largest
/// unit that is whole.
#[test]
fn spans() {
    let span = "is not a span such as 48h, 30m or 45s, from 0s to 8784h";
    let expected = "expected a span such as 48h, 30m or 45s, or a number of seconds";
    let rows = [
        (r#""48h""#, Ok("48h")),
        (r#""90m""#, Ok("90m")),
        (r#""120m""#, Ok("2h")),
        (r#""45s""#, Ok("45s")),
        (r#""0h""#, Ok("0s")),
        ("5400", Ok("90m")),
        ("31622400", Ok("8784h")),
        ("31622401", Err(span)),
        (r#""8785h""#, Err(span)),
        ("-1", Err(span)),
        (r#""h""#, Err(span)),
        (r#""-1h""#, Err(span)),
        (r#""48""#, Err(span)),
        ("true", Err(expected)),
    ];
    for (stored, read) in rows {
        match (serde_json::from_str::<Span>(stored), read) {
            (Ok(found), Ok(written)) => assert_eq!(found.to_string(), written, "{stored}"),
            (Err(found), Err(why)) => assert!(found.to_string().contains(why), "{stored}: {found}"),
            (found, _) => panic!("{stored}: {found:?}"),
        }
    }
}
