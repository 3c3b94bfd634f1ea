//! The one real source of random bytes.

use app::ports::Entropy;

/// The operating system's random bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        #[expect(clippy::disallowed_methods, reason = "this adapter is the one real random source")]
        let filled = getrandom::fill(bytes);
        // Tokens and salts made of anything else would be guessable; the process must not go on.
        filled.expect("the operating system always has random bytes once it has started");
    }
}
