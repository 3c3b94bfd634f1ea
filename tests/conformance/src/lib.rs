//! One suite for each port, which every implementation passes: the ports in memory, and the
//! adapters on an embedded DynamoDB and on stubs of the other services.
//!
//! The suites are lists of cases; [`store_conformance!`] makes one test of each case. Scenario tests
//! use [`embedded`] to run on the production adapter.

pub mod stub;
pub mod suites;

use aws::connection::Connection;
use aws::dynamodb::DynamoStore;
use dynoxide::Database;
use tokio::net::TcpListener;

/// The production adapter on a DynamoDB of its own, in memory, with the table made. The server lives
/// as long as the Tokio runtime in which this is called.
///
/// # Panics
/// When the server does not start; a test has then failed.
pub async fn embedded() -> DynamoStore {
    let database = Database::memory().expect("an empty database always opens");
    let listener =
        TcpListener::bind(("127.0.0.1", 0)).await.expect("the machine has a free port on loopback");
    let address = listener.local_addr().expect("a bound listener has an address");
    tokio::spawn(dynoxide::server::serve_with_shutdown(listener, database, std::future::pending()));
    let store = DynamoStore::new(&Connection::local(format!("http://{address}")), "millora");
    store.create_table().await.expect("an empty server creates any table");
    store
}

/// Makes one test of each case of the store's suite; `$make` is a future of an empty store.
#[macro_export]
macro_rules! store_conformance {
    ($make:expr) => {
        $crate::store_conformance! { $make;
            an_item_is_read_as_it_was_written
            a_put_replaces_the_whole_item
            every_condition_both_ways
            conditions_hold_for_plain_writes_too
            a_commit_is_all_or_nothing
            conflicts_name_their_writes
            of_two_racing_commits_one_wins
            hundred_writes_and_no_more
            what_is_never_valid
            an_item_may_weigh_400_kb
            a_commit_may_weigh_4_mb
            get_many_keeps_the_order
            a_partition_is_read_in_order
            a_query_ends_where_it_is_told
            a_glance_finds_what_is_there
            a_heavy_partition_comes_in_pages
            keys_are_ordered_by_their_bytes
            the_due_index_is_sparse_and_ordered
            a_due_entry_moves
            the_list_index_is_sparse_and_ordered
            a_list_entry_moves
            an_item_has_its_place_in_each_index
            pages_of_one_meet_everything_once
            a_page_belongs_to_its_query
            expiry_is_kept_in_whole_seconds
        }
    };
    ($make:expr; $($case:ident)+) => {
        $(
            #[tokio::test]
            async fn $case() {
                $crate::suites::store::$case(&$make.await).await;
            }
        )+
    };
}
