//! The pages to which links in mails lead, as a browser gets them: looked at, and their button pressed.

use std::sync::Arc;

use app::ports::Env;
use axum::body::Body;
use domain::Instant;
use http::header::CONTENT_TYPE;
use tower::ServiceExt as _;
use web::ReceivedAt;

/// A page is at most so large, in bytes.
const PAGE_BYTES_MAX: usize = 1 << 20;
/// Before the value of a mail that a button acts on.
const MAIL_FIELD: &str = "name=\"correo\" value=\"";

/// A page.
#[derive(Debug, Clone)]
pub struct Page {
    /// Where it is.
    pub path: String,
    /// What it says, line by line; a button stands in brackets.
    pub lines: Vec<String>,
    /// The mails on which its last button acts.
    pub mails: Vec<String>,
}

/// Looks at a page.
///
/// # Panics
/// When it is none that the server means to show.
pub async fn open<E: Env>(env: &Arc<E>, path: &str, at: Instant) -> Page {
    look(env, path, at).await.unwrap_or_else(|why| panic!("{why:?}"))
}

/// Looks at a page.
///
/// # Errors
/// Status and page of an answer that says that it is the server's trouble.
pub async fn look<E: Env>(env: &Arc<E>, path: &str, at: Instant) -> Result<Page, (u16, String)> {
    ask(env, http::Method::GET, path, Body::empty(), at).await
}

/// Presses the last button of a page: the only one, or the one for all.
///
/// # Panics
/// When the answer is no page.
pub async fn press<E: Env>(env: &Arc<E>, page: &Page, at: Instant) -> Page {
    try_press(env, page, at).await.unwrap_or_else(|why| panic!("{why:?}"))
}

/// Presses the last button of a page.
///
/// # Errors
/// As [`look`].
pub async fn try_press<E: Env>(
    env: &Arc<E>,
    page: &Page,
    at: Instant,
) -> Result<Page, (u16, String)> {
    let fields: Vec<String> = page.mails.iter().map(|id| format!("correo={id}")).collect();
    ask(env, http::Method::POST, &page.path, Body::from(fields.join("&")), at).await
}

async fn ask<E: Env>(
    env: &Arc<E>,
    method: http::Method,
    path: &str,
    body: Body,
    at: Instant,
) -> Result<Page, (u16, String)> {
    let request = http::Request::builder()
        .method(method)
        .uri(path)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .extension(ReceivedAt(at))
        .body(body)
        .expect("a request of ours is well formed");
    let Ok(answer) = intake_http::router(Arc::clone(env)).oneshot(request).await;
    let status = answer.status();
    let bytes = axum::body::to_bytes(answer.into_body(), PAGE_BYTES_MAX).await;
    let html = String::from_utf8(bytes.expect("the page is in memory").to_vec()).expect("UTF-8");
    if status.is_server_error() {
        return Err((status.as_u16(), html));
    }
    Ok(Page { path: path.to_owned(), lines: lines(&html), mails: mails(&html) })
}

/// What a person reads between the page's head and its foot.
fn lines(html: &str) -> Vec<String> {
    let main = html.split_once("<main>").map_or("", |(_, rest)| rest);
    let main = main.split_once("</main>").map_or(main, |(main, _)| main);
    let lines = main.lines().map(|line| {
        let text = plain(&line.replace("</dt>", ": "));
        if line.contains("<button") { format!("[{text}]") } else { text }
    });
    lines.filter(|line| !line.is_empty()).collect()
}

/// A line without its tags, with the signs that stand for `<` and `>`.
fn plain(line: &str) -> String {
    let mut text = String::new();
    for piece in line.split('<') {
        text.push_str(piece.split_once('>').map_or(piece, |(_, text)| text));
    }
    text.replace("&#60;", "<").replace("&#62;", ">").trim().to_owned()
}

/// The mails of the last form: each mail's own comes before the one for all.
fn mails(html: &str) -> Vec<String> {
    let form = html.rsplit("<form").next().unwrap_or_default();
    let values = form.split(MAIL_FIELD).skip(1);
    values.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())).collect()
}
