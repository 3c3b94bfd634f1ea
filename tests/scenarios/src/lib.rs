//! Whole lives of tickets through the real handlers, in a small world with a virtual clock.
//!
//! A [`world::World`] carries the stream to the relay, fires the schedules, ticks the sweep and tells
//! what the mail service says of our mails. Parts of it can be switched off. Scripts that people can
//! read are played in it ([`play`]) and written down exactly as they went, on the store in memory and
//! on the production adapter.

pub mod accounts;
pub mod bank;
pub mod cases;
pub mod cast;
pub mod compare;
pub mod doors;
pub mod letters;
pub mod mail_phrases;
pub mod moment;
pub mod pages;
pub mod phrases;
pub mod play;
mod play_mail;
pub mod post;
pub mod script;
pub mod state;
pub mod tap;
pub mod transcript;
pub mod trial;
pub mod world;
