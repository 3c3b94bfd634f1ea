//! A small HTTP server that records what it is asked and answers as it is told, in place of the
//! services that cannot be embedded.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Request {
    /// Method.
    pub method: String,
    /// Path and query, still percent-encoded.
    pub target: String,
    /// Headers, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// Body.
    pub body: Vec<u8>,
}

impl Request {
    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none; a test has then failed.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("the adapters speak JSON here")
    }

    /// The path without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }
}

/// What the server does with a request.
#[derive(Debug, Clone)]
pub enum Reply {
    /// It answers.
    Answer {
        /// HTTP status.
        status: u16,
        /// Headers besides the length.
        headers: Vec<(&'static str, String)>,
        /// Body.
        body: Vec<u8>,
    },
    /// It closes the connection without a word.
    Drop,
}

impl Reply {
    /// A JSON answer with status 200.
    #[must_use]
    pub fn json(value: &serde_json::Value) -> Self {
        let headers = vec![("content-type", "application/json".to_owned())];
        Self::Answer { status: 200, headers, body: value.to_string().into_bytes() }
    }

    /// An error as the JSON services tell it.
    #[must_use]
    pub fn error(status: u16, code: &str) -> Self {
        let body = serde_json::json!({ "__type": code, "message": "told to" });
        let headers = vec![
            ("content-type", "application/json".to_owned()),
            ("x-amzn-errortype", code.to_owned()),
        ];
        Self::Answer { status, headers, body: body.to_string().into_bytes() }
    }
}

/// The server. It lives as long as the Tokio runtime in which it was started.
pub struct Stub {
    /// Its address, `http://127.0.0.1:…`.
    pub endpoint: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Stub {
    /// Starts a server that answers with `answer`.
    ///
    /// # Panics
    /// When the machine has no free port; a test has then failed.
    pub async fn start(answer: impl FnMut(&Request) -> Reply + Send + 'static) -> Self {
        let listener =
            TcpListener::bind(("127.0.0.1", 0)).await.expect("the machine has a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        tokio::spawn(serve(listener, Arc::clone(&requests), answer));
        Self { endpoint: format!("http://{address}"), requests }
    }

    /// A server that gives these replies, one for each request, and then breaks off.
    pub async fn with(replies: impl IntoIterator<Item = Reply>) -> Self {
        let mut replies: std::collections::VecDeque<Reply> = replies.into_iter().collect();
        Self::start(move |_| replies.pop_front().unwrap_or(Reply::Drop)).await
    }

    /// Everything that it was asked so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// One connection after the other: the order of the requests is that of the answers.
async fn serve(
    listener: TcpListener,
    requests: Arc<Mutex<Vec<Request>>>,
    mut answer: impl FnMut(&Request) -> Reply + Send,
) {
    while let Ok((mut stream, _)) = listener.accept().await {
        // A connection that brings no whole request is of no interest.
        let Some(request) = read(&mut stream).await else { continue };
        requests.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
        if let Reply::Answer { status, headers, body } = answer(&request) {
            let mut head = format!("HTTP/1.1 {status} Told\r\nconnection: close\r\n");
            head += &format!("content-length: {}\r\n", body.len());
            for (name, value) in headers {
                head += &format!("{name}: {value}\r\n");
            }
            head += "\r\n";
            // A client that has gone away does not read the answer; the test sees that by itself.
            let _ = stream.write_all(&[head.as_bytes(), &body].concat()).await;
            let _ = stream.shutdown().await;
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..head_end].to_vec()).ok()?;
    let mut lines = head.split("\r\n");
    let mut words = lines.next()?.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    if headers.contains_key("expect") {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await.ok()?;
    }
    let length: usize = headers.get("content-length").map_or(Ok(0), |n| n.parse()).ok()?;
    let mut body = bytes.split_off(head_end + 4);
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    Some(Request { method, target, headers, body })
}
