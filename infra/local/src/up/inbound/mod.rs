//! Mail in: an SMTP server on loopback that plays the mail service. A mail lies in the bucket, synced
//! to the disk, before its client hears 250; the service's event comes afterwards. Whoever is killed
//! in between loses nothing: the sweep finds what lies there.
//!
//! None of this is linked into a function.

mod findings;
mod session;
mod stamp;

use std::sync::Arc;
use std::time::Duration;

use app::auth::hex;
use app::inbound::INBOUND;
use app::ports::{Blobs as _, Entropy as _};
use tokio::io::{self, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

use self::session::{NotKept, Received, Session, Turn};
use self::stamp::{Arrived, Stamped};
use super::world::World;

/// Longest wait for a client to say or to hear something (RFC 5321, 4.5.3.2.7).
const IDLE: Duration = Duration::from_secs(300);
/// Conversations at once.
const CONVERSATIONS_MAX: usize = 64;
/// Bytes that are read at once.
const CHUNK_BYTES: usize = 64 * 1024;
/// Random bytes of an id; the service's have forty characters.
const ID_BYTES: usize = 20;

/// Takes mail until it is told to stop.
pub(crate) async fn run(
    listener: TcpListener,
    world: Arc<World>,
    known: Vec<String>,
    mut stopping: watch::Receiver<bool>,
) {
    let bucket = Arc::new(Bucket { world, known });
    let places = Arc::new(Semaphore::new(CONVERSATIONS_MAX));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            // A sender that is gone means the same as a stop.
            _ = stopping.wait_for(|stop| *stop) => return,
        };
        let mut stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "an SMTP client could not be accepted");
                continue;
            }
        };
        let (bucket, place) = (Arc::clone(&bucket), Arc::clone(&places).try_acquire_owned());
        tokio::spawn(async move {
            let ended = match place {
                Ok(_place) => converse(&mut stream, bucket.as_ref(), IDLE).await,
                Err(_) => {
                    let busy = Session::goodbye("4.3.2 Demasiadas conversaciones a la vez");
                    stream.write_all(&busy).await
                }
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "an SMTP conversation was cut");
            }
        });
    }
}

/// Where a mail that came whole is kept.
trait Keep {
    /// The domain for which mail is taken.
    fn domain(&self) -> &str;
    /// Keeps a mail for good and gives its id.
    fn keep(&self, mail: Received) -> impl Future<Output = Result<String, NotKept>> + Send;
}

/// One conversation, until one side hangs up, or the client neither says nor hears anything for
/// `idle`.
async fn converse(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    bucket: &impl Keep,
    idle: Duration,
) -> io::Result<()> {
    let mut session = Session::new(bucket.domain());
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        timeout(idle, stream.write_all(&session.take_answers())).await??;
        let Ok(read) = timeout(idle, stream.read(&mut chunk)).await else {
            return stream.write_all(&Session::goodbye("4.4.2 Demasiado tiempo en silencio")).await;
        };
        let count = read?;
        if count == 0 {
            return Ok(());
        }
        let mut bytes = chunk[..count].iter();
        loop {
            match session.hear(&mut bytes) {
                Turn::More => break,
                Turn::Mail(mail) => {
                    let kept = bucket.keep(mail).await;
                    session.kept(kept);
                }
                Turn::Close => {
                    timeout(idle, stream.write_all(&session.take_answers())).await??;
                    return stream.shutdown().await;
                }
            }
        }
    }
}

/// The bucket of this machine, with the mail service in front of it.
struct Bucket {
    world: Arc<World>,
    /// Domains whose mails pass.
    known: Vec<String>,
}

impl Keep for Bucket {
    fn domain(&self) -> &str {
        &self.world.env.settings.mail_domain
    }

    async fn keep(&self, mail: Received) -> Result<String, NotKept> {
        let arrived = Arrived::of(&mail.raw);
        let findings = arrived.findings(&self.known).map_err(NotKept::Refused)?;
        let env = &self.world.env;
        let mut random = [0; ID_BYTES];
        env.entropy.fill(&mut random);
        let id = hex(&random);
        let at = self.world.receipt().await;
        let stamped =
            Stamped { id: &id, at, envelope: &mail.envelope, findings, arrived: &arrived };
        env.blobs.put(&format!("{INBOUND}{id}"), &stamped.object()).await.map_err(|error| {
            tracing::error!(%error, "a mail could not be kept");
            NotKept::Trouble
        })?;
        self.world.arrived(stamped.event());
        Ok(id)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
    use tokio::task::JoinHandle;

    use super::{Duration, IDLE, Keep, NotKept, Received, converse, io};

    #[derive(Default)]
    struct Kept(Mutex<Vec<Vec<u8>>>);

    impl Keep for Kept {
        fn domain(&self) -> &'static str {
            "m.example"
        }

        async fn keep(&self, mail: Received) -> Result<String, NotKept> {
            self.0.lock().unwrap().push(mail.raw);
            Ok("a1".to_owned())
        }
    }

    fn server(idle: Duration) -> (DuplexStream, JoinHandle<(io::Result<()>, usize)>) {
        let (client, mut stream) = duplex(256);
        let served = tokio::spawn(async move {
            let kept = Kept::default();
            let ended = converse(&mut stream, &kept, idle).await;
            drop(stream);
            let count = kept.0.lock().unwrap().len();
            (ended, count)
        });
        (client, served)
    }

    const MAIL: &str =
        "EHLO x\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<s@m.example>\r\nDATA\r\nhola\r\n";

    #[tokio::test]
    async fn a_client_that_waits_for_no_answer_gets_them_all() {
        let (mut client, served) = server(IDLE);
        client.write_all(format!("{MAIL}.\r\nQUIT\r\n").as_bytes()).await.unwrap();
        let mut heard = String::new();
        client.read_to_string(&mut heard).await.unwrap();
        assert!(heard.contains("\r\n250 2.0.0 Guardado como a1\r\n221 "), "{heard}");
        let (ended, count) = served.await.unwrap();
        assert!(ended.is_ok() && count == 1);
    }

    #[tokio::test]
    async fn a_mail_that_breaks_off_is_none() {
        for ending in ["", ".", ".\r", "\r\n.QUIT"] {
            let (mut client, served) = server(IDLE);
            client.write_all(format!("{MAIL}{ending}").as_bytes()).await.unwrap();
            drop(client);
            assert_eq!(served.await.unwrap().1, 0, "{ending:?}");
        }
    }

    #[tokio::test]
    async fn a_client_that_falls_silent_is_told_and_let_go() {
        let (mut client, served) = server(Duration::ZERO);
        client.write_all(b"EHLO x\r\nMAIL FR").await.unwrap();
        let mut heard = String::new();
        client.read_to_string(&mut heard).await.unwrap();
        assert!(heard.lines().last().unwrap().starts_with("421 4.4.2"), "{heard}");
        assert!(served.await.unwrap().0.is_ok());
    }

    #[tokio::test]
    async fn a_client_that_does_not_listen_is_let_go() {
        let (mut client, served) = server(Duration::ZERO);
        client.write_all(&b"EHLO x\r\n".repeat(3)).await.unwrap();
        let (ended, _) = served.await.unwrap();
        assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }
}
