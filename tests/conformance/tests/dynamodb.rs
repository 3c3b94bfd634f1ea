//! The DynamoDB adapter passes the store's suite on the embedded DynamoDB.

use tests_conformance::{embedded, store_conformance};

store_conformance!(embedded());
