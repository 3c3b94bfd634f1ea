//! `millora up`: Millora's desk on one machine, in one process.
//!
//! The same handlers and the same DynamoDB adapter as in production. What differs: where DynamoDB
//! listens, who carries the mail, who ticks, and the clock.

mod advance;
pub(crate) mod blob_links;
pub(crate) mod clock;
mod control;
pub(crate) mod demo;
pub(crate) mod files;
pub(crate) mod folder;
pub(crate) mod handlers;
mod health;
mod http;
mod inbound;
pub(crate) mod mailbox;
pub(crate) mod mailer;
mod pages;
pub(crate) mod stops;
pub(crate) mod stream;
pub(crate) mod table;
mod ticker;
mod world;

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use app::client::Agreements;
use app::memory::MemorySchedules;
use app::ports::Settings;
use aws::entropy::OsEntropy;
use domain::Instant;
use tokio::net::TcpListener;
use tokio::sync::watch;

use self::blob_links::BlobLinks;
use self::clock::{ClockStart, ShiftedClock};
use self::demo::Demo;
use self::files::{FileBlobs, FileSecrets};
use self::folder::Folder;
pub(crate) use self::folder::FolderError;
use self::mailer::LocalMailer;
use self::stream::Stream;
use self::table::Table;
use self::world::{LocalEnv, World};
use crate::profiles::Kind;

/// How long requests that are under way may take when the bundle stops.
const STOP_GRACE: Duration = Duration::from_secs(10);

/// The port that is used unless another one is asked for.
pub(crate) const DEFAULT_PORT: u16 = 8080;
/// Where orders look for profiles unless they are told.
pub(crate) const PROFILES_USUAL: &str = "./data/profiles.toml";

/// What `millora up` is told.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// The data folder.
    pub(crate) data: PathBuf,
    /// Port on 127.0.0.1; 0 takes a free one.
    pub(crate) port: u16,
    /// Port on 127.0.0.1 where mail comes in; 0 takes a free one.
    pub(crate) smtp_port: u16,
    /// An SMTP server (`host:port`) that is handed every mail too.
    pub(crate) smtp_relay: Option<String>,
    /// Where the clock of a new folder starts.
    pub(crate) clock_start: Option<Instant>,
    /// Whether time moves only when it is moved.
    pub(crate) clock_frozen: bool,
    /// How this program was called, for the orders that are suggested.
    pub(crate) program: String,
}

/// Why the bundle does not start, or had to stop. The words are for the person at the terminal.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpError {
    /// The data folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The port is taken.
    #[error(
        "El puerto {0} de 127.0.0.1 está ocupado. Indique otro con {1}, o {1} 0 para tomar uno libre."
    )]
    PortTaken(u16, &'static str),
    /// The port cannot be opened for another reason.
    #[error("No se puede abrir el puerto {0} de 127.0.0.1: {1}")]
    Port(u16, io::Error),
    /// The table.
    #[error(transparent)]
    Table(#[from] table::TableError),
    /// The demo's data.
    #[error(transparent)]
    Demo(#[from] demo::DemoError),
    /// A file of the data folder.
    #[error("No se puede usar la carpeta de datos: {0}")]
    Io(#[from] io::Error),
}

/// Runs the bundle until Ctrl-C or SIGTERM.
///
/// # Errors
/// When it cannot start, or something underneath fails for good.
pub(crate) async fn run(options: Options, mut output: impl Write) -> Result<(), UpError> {
    let stopped = stop_signal()?;
    let folder = Folder::open(&options.data)?;
    let listener = listen(options.port, "--port").await?;
    let address = listener.local_addr()?;
    let smtp_listener = listen(options.smtp_port, "--smtp-port").await?;
    let smtp = smtp_listener.local_addr()?;
    let table = Table::open(&folder.file("table.db")).await?;
    let world = Arc::new(world(&folder, &table, &options, [address, smtp])?);
    let profiles = folder.file("profiles.toml");
    let url = format!("http://{address}");
    let demo = demo::prepare(world.env.as_ref(), &profiles, &url).await?;
    world.rebuild().await?;
    let (stop, stopping) = watch::channel(false);
    let ticker = tokio::spawn(ticker::run(Arc::clone(&world), table.database(), stopping.clone()));
    let mail_in =
        inbound::run(smtp_listener, Arc::clone(&world), demo.domains.clone(), stopping.clone());
    let mail_in = tokio::spawn(mail_in);
    let server = tokio::spawn(serve(listener, Arc::clone(&world), stopping));
    greet(&mut output, &world, &demo, &profiles, &options.program)?;
    stopped.await;
    // Both receivers live as long as the tasks; one that has ended needs no telling.
    let _ = stop.send(true);
    let ended = tokio::time::timeout(STOP_GRACE, async {
        let served = server.await.map_err(io::Error::other)?;
        mail_in.await.map_err(io::Error::other)?;
        ticker.await.map_err(io::Error::other)?;
        served
    });
    match ended.await {
        Ok(result) => result?,
        Err(_) => tracing::warn!("a request was still under way and has been cut"),
    }
    world.env.clock.save()?;
    table.stop();
    Ok(())
}

async fn listen(port: u16, option: &'static str) -> Result<TcpListener, UpError> {
    TcpListener::bind(("127.0.0.1", port)).await.map_err(|error| {
        if error.kind() == io::ErrorKind::AddrInUse {
            UpError::PortTaken(port, option)
        } else {
            UpError::Port(port, error)
        }
    })
}

fn world(
    folder: &Folder,
    table: &Table,
    options: &Options,
    [address, smtp]: [SocketAddr; 2],
) -> Result<World, UpError> {
    let start = ClockStart { at: options.clock_start, frozen: options.clock_frozen };
    let clock = Arc::new(ShiftedClock::open(&folder.file("clock.toml"), start)?);
    let relay = options.smtp_relay.clone();
    let mailer = LocalMailer::open(folder.file("mail"), relay, Arc::clone(&clock))?;
    let settings = settings(address);
    let links = BlobLinks::new(&settings.base_url, &OsEntropy);
    let env = LocalEnv {
        store: table.store(),
        mailer,
        schedules: MemorySchedules::new(),
        blobs: FileBlobs::open(folder.file("blobs"), Arc::clone(&clock), links)?,
        secrets: FileSecrets::open(&folder.file("secrets.toml"), &OsEntropy)?,
        clock,
        entropy: OsEntropy,
        settings,
        agreements: Agreements::default(),
    };
    let positions = folder.file("stream.toml");
    let aside = folder.file("stream-failures.jsonl");
    let stream = Stream::open(table.database(), &positions, &aside)?;
    Ok(World::new(Arc::new(env), stream, smtp))
}

/// What the bundle at `address` says of itself.
pub(crate) fn settings(address: SocketAddr) -> Settings {
    Settings {
        mail_domain: "millora.example".to_owned(),
        mailbox: "soporte".to_owned(),
        base_url: format!("http://{address}"),
        on_call: "guardia@millora.example".to_owned(),
        desk: "mesa@millora.example".to_owned(),
        write_schema: app::codec::SCHEMA,
    }
}

async fn serve(
    listener: TcpListener,
    world: Arc<World>,
    mut stopping: watch::Receiver<bool>,
) -> io::Result<()> {
    axum::serve(listener, http::router(&world))
        .with_graceful_shutdown(async move {
            // A sender that is gone means the same as a stop.
            let _ = stopping.wait_for(|stop| *stop).await;
        })
        .await
}

/// Ends when the person at the terminal, or the system, asks the process to stop. Both signals are
/// caught from this call on, not only once somebody waits: the address that is told first is the
/// caller's leave to stop.
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    let (mut interrupted, mut terminated) = {
        use tokio::signal::unix::{SignalKind, signal};
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
    };
    #[cfg(windows)]
    let mut interrupted = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        #[cfg(unix)]
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
        #[cfg(windows)]
        let _ = interrupted.recv().await;
    })
}

/// The address first, alone on its line; then who is who and what to try.
fn greet(
    output: &mut impl Write,
    world: &World,
    demo: &Demo,
    profiles: &std::path::Path,
    program: &str,
) -> io::Result<()> {
    let settings = &world.env.settings;
    let address = settings.base_url.trim_start_matches("http://");
    writeln!(output, "{address}")?;
    let file = profiles.display();
    if demo.is_new {
        writeln!(output, "\nPerfiles de demostración, con su credencial (guardada en {file}):")?;
    } else {
        writeln!(output, "\nPerfiles de demostración; sus credenciales están en {file}:")?;
    }
    for (kind, order) in [(Kind::Spoc, "ticket"), (Kind::Staff, "desk")] {
        for (name, profile) in &demo.profiles.profiles {
            if profile.kind != kind {
                continue;
            }
            let token = if demo.is_new { format!("  {}", profile.token) } else { String::new() };
            writeln!(output, "  {order:6} --as {name:6}{token}  {}", profile.who)?;
        }
    }
    writeln!(
        output,
        "\nCorreo para {}@{}: por SMTP, en {}",
        settings.mailbox, settings.mail_domain, world.smtp
    )?;
    writeln!(output, "\nPara empezar, en otra terminal:")?;
    if profiles != std::path::Path::new(PROFILES_USUAL) {
        writeln!(output, "  export MILLORA_PROFILES={file}")?;
    }
    writeln!(
        output,
        "  {program} ticket open --subject \"No timbra\" --text \"La factura no se timbra.\"\n  \
         {program} mail list            (o en el navegador: http://{address}/local/mail)\n  \
         {program} desk work\n  \
         {program} clock advance 48h\nCtrl-C detiene todo; nada se pierde."
    )?;
    output.flush()
}
