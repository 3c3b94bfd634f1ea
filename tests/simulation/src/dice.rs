//! Chance that follows from a seed: the same on any machine, and apart for each purpose.

/// A sequence of numbers that look random (SplitMix64).
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// The sequence of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The sequence of a seed for one purpose. What is drawn for one purpose moves nothing of another.
    #[must_use]
    pub fn apart(seed: u64, purpose: &str) -> Self {
        Self(Hash::new().with(&seed.to_le_bytes()).with(purpose.as_bytes()).0)
    }

    /// The next number.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`, which is above zero.
    pub const fn below(&mut self, n: u64) -> u64 {
        // The lean towards small numbers is some 2^-50: nobody will see it.
        self.next() % n
    }

    /// A number from `from` to `to`, both included.
    pub const fn between(&mut self, from: i64, to: i64) -> i64 {
        from + (self.below((to - from).unsigned_abs() + 1)).cast_signed()
    }

    /// Whether something happens that happens so often in a thousand.
    pub const fn happens(&mut self, in_thousand: u64) -> bool {
        self.below(1000) < in_thousand
    }

    /// One of several.
    ///
    /// # Panics
    /// When there are none.
    pub fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let at = usize::try_from(self.below(of.len() as u64)).unwrap_or_default();
        &of[at]
    }

    /// One of several, each as often as its weight says.
    ///
    /// # Panics
    /// When there are none.
    pub fn weighted<'a, T>(&mut self, of: &'a [(u64, T)]) -> &'a T {
        let mut at = self.below(of.iter().map(|(weight, _)| weight).sum());
        for (weight, thing) in of {
            match at.checked_sub(*weight) {
                Some(left) => at = left,
                None => return thing,
            }
        }
        &of[0].1
    }
}

/// A hash that is the same everywhere (FNV-1a, 64 bits): for traces, never for secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hash(pub u64);

impl Hash {
    /// Of nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// Of what was hashed so far, and these bytes.
    #[must_use]
    pub fn with(self, bytes: &[u8]) -> Self {
        let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        // What is hashed one after the other is not what is hashed at once.
        Self(step(bytes.iter().fold(self.0, step), &0xff))
    }
}

impl Default for Hash {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::{Dice, Hash};

    #[test]
    fn the_sequence_is_splitmix64() {
        // The published first outputs for the seed 1234567.
        let mut dice = Dice::new(1_234_567);
        assert_eq!(dice.next(), 6_457_827_717_110_365_317);
        assert_eq!(dice.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn purposes_are_apart() {
        assert_ne!(Dice::apart(1, "a").next(), Dice::apart(1, "b").next());
        assert_ne!(Hash::new().with(b"ab"), Hash::new().with(b"a").with(b"b"));
    }
}
