//! The table: DynamoDB embedded in this process over one SQLite file, reached over loopback by the
//! same adapter as in production.

use std::path::Path;

use app::ports::StoreError;
use aws::connection::Connection;
use aws::dynamodb::DynamoStore;
use dynoxide::Database;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The table's name.
pub(crate) const TABLE: &str = "millora";

/// The embedded server. It stops when [`Table::stop`] is called.
pub(crate) struct Table {
    database: Database,
    store: DynamoStore,
    stop: oneshot::Sender<()>,
    server: JoinHandle<Result<(), String>>,
}

/// Why the table could not be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TableError {
    /// The file cannot be opened.
    #[error("No se puede abrir la base de datos {0}: {1}")]
    File(String, String),
    /// No loopback port is to be had.
    #[error("No se puede abrir un puerto local para la base de datos: {0}")]
    Port(#[from] std::io::Error),
    /// The server does not make the table.
    #[error("No se puede crear la tabla: {0}")]
    Create(#[from] StoreError),
}

impl Table {
    /// Opens the file, serves it on a free loopback port, and creates the table if it is absent.
    ///
    /// # Errors
    /// When the file or a port cannot be opened, or the table cannot be created.
    pub(crate) async fn open(file: &Path) -> Result<Self, TableError> {
        let name = file.display().to_string();
        let path = file.to_str().ok_or_else(|| {
            TableError::File(name.clone(), "su nombre no es UTF-8 válido".to_owned())
        })?;
        let database = Database::new(path)
            .map_err(|error| TableError::File(name.clone(), error.to_string()))?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let (stop, stopped) = oneshot::channel();
        let served = database.clone();
        let server = tokio::spawn(async move {
            let until = async move {
                // The sender is dropped only when the bundle ends, which means the same.
                let _ = stopped.await;
            };
            dynoxide::server::serve_with_shutdown(listener, served, until).await
        });
        let store = DynamoStore::new(&Connection::local(endpoint), TABLE);
        store.create_table().await?;
        Ok(Self { database, store, stop, server })
    }

    /// The store over this table.
    #[must_use]
    pub(crate) fn store(&self) -> DynamoStore {
        self.store.clone()
    }

    /// The database itself: its stream, and the deletion of what has expired.
    #[must_use]
    pub(crate) fn database(&self) -> Database {
        self.database.clone()
    }

    /// Stops serving. Everything that was committed is in the file already.
    pub(crate) fn stop(self) {
        // A server that has ended already needs no telling.
        let _ = self.stop.send(());
        self.server.abort();
    }
}
