//! Text out of HTML, by the library, with what it does not know: lines of blocks and quotations.
//!
//! The library drops tags, styles and scripts and decodes entities. Before it, a mark is written at
//! each tag that begins or ends a line or a quotation; after it, the marks become line ends and the
//! `>` of quoted lines, so that one folding serves both kinds of text.

use mail_parser::decoders::html::html_to_text;

/// A line ends here if it holds anything.
const BREAK: char = '\u{e000}';
/// A quotation begins.
const OPEN: char = '\u{e001}';
/// A quotation ends.
const CLOSE: char = '\u{e002}';
/// A cell of a table, or an item of a list, begins.
const CELL: char = '\u{e003}';
const ITEM: char = '\u{e004}';
const MARKS: std::ops::RangeInclusive<char> = BREAK..=ITEM;

/// Quotations deeper than this are shown as deep as this.
const DEPTH_MAX: usize = 10;

/// The text of an HTML part.
pub(super) fn to_text(html: &str) -> String {
    lines(&html_to_text(&marked(html)))
}

fn marked(html: &str) -> String {
    let mut marked = String::with_capacity(html.len() + html.len() / 8);
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        push_plain(&mut marked, &rest[..at]);
        rest = &rest[at..];
        if let Some(mark) = mark_of(rest) {
            marked.push(mark);
        }
        marked.push('<');
        rest = &rest[1..];
    }
    push_plain(&mut marked, rest);
    marked
}

fn push_plain(marked: &mut String, text: &str) {
    if text.contains(|c| MARKS.contains(&c)) {
        marked.extend(text.chars().filter(|c| !MARKS.contains(c)));
    } else {
        marked.push_str(text);
    }
}

fn mark_of(tag: &str) -> Option<char> {
    let (closes, tag) = match tag[1..].strip_prefix('/') {
        Some(tag) => (true, tag),
        None => (false, &tag[1..]),
    };
    // Tags are many, and their names short: none is put on the heap.
    let mut name = [0; 12];
    let mut length = 0;
    for (place, byte) in name.iter_mut().zip(tag.bytes().take_while(u8::is_ascii_alphanumeric)) {
        *place = byte.to_ascii_lowercase();
        length += 1;
    }
    match std::str::from_utf8(&name[..length]).unwrap_or_default() {
        "blockquote" => Some(if closes { CLOSE } else { OPEN }),
        "td" | "th" if !closes => Some(CELL),
        "li" if !closes => Some(ITEM),
        // The library itself ends the line of a paragraph.
        "p" if closes => None,
        "address" | "article" | "aside" | "center" | "dd" | "div" | "dl" | "dt" | "fieldset"
        | "figure" | "footer" | "form" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "header"
        | "hr" | "li" | "main" | "nav" | "ol" | "p" | "pre" | "section" | "table" | "tr" | "ul" => {
            Some(BREAK)
        }
        _ => None,
    }
}

fn lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut line = String::new();
    let mut depth = 0_usize;
    let end = |out: &mut String, line: &mut String, depth: usize, always: bool| {
        let shown = line.trim();
        if always || !shown.is_empty() {
            out.extend(std::iter::repeat_n('>', depth.min(DEPTH_MAX)));
            if depth > 0 && !shown.is_empty() {
                out.push(' ');
            }
            out.push_str(shown);
            out.push('\n');
        }
        line.clear();
    };
    for c in text.chars() {
        match c {
            '\n' => end(&mut out, &mut line, depth, true),
            BREAK => end(&mut out, &mut line, depth, false),
            OPEN => {
                end(&mut out, &mut line, depth, false);
                depth += 1;
            }
            CLOSE => {
                end(&mut out, &mut line, depth, false);
                depth = depth.saturating_sub(1);
            }
            CELL if line.trim().is_empty() => {}
            CELL => line.push('\t'),
            ITEM => {
                end(&mut out, &mut line, depth, false);
                line.push_str("- ");
            }
            '\u{a0}' => line.push(' '),
            _ => line.push(c),
        }
    }
    end(&mut out, &mut line, depth, false);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_lines_and_quotations_are_marked() {
        let table = [
            ("<p>Hola</p><p>No timbra</p>", "Hola\nNo timbra\n"),
            ("<div>uno</div><div><br></div><div>dos</div>", "uno\n\ndos\n"),
            ("a<br>b<br/>c", "a\nb\nc\n"),
            (
                "<div>El vie escribi&oacute;:<blockquote><div>x</div>y</blockquote></div>fin",
                "El vie escribió:\n> x\n> y\nfin\n",
            ),
            ("<style>p{}</style><script>x()</script><!-- <p>c</p> -->v", "v\n"),
            ("<head><title>t</title></head><body>&lt;b&gt; &amp; &#241;</body>", "<b> & ñ\n"),
            ("<ul><li>uno</li><li>dos</li></ul>", "- uno\n- dos\n"),
            ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a\tb\nc\n"),
            ("<p class=MsoNormal>a<o:p></o:p></p>\r\n<p>&nbsp;</p>\r\n<p>b</p>", "a\n\nb\n"),
            ("sin etiquetas\ny m\u{e000}ás", "sin etiquetas y más\n"),
            ("<", ""),
            ("</", ""),
            ("<blockquote>", ""),
            ("</blockquote>a", "a\n"),
        ];
        for (html, text) in table {
            assert_eq!(to_text(html), text, "{html}");
        }
    }
}
