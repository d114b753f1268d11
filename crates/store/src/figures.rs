//! What a store says of itself.

/// How a store does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Commits since the start.
    pub commits: u64,
    /// From asking for a commit to its answer, the median of recent ones, microseconds; 0: there was none.
    pub commit_p50_us: u64,
    /// The same, the 95th percentile.
    pub commit_p95_us: u64,
    /// Commits that wait and that people wait for.
    pub waiting: u64,
    /// Commits that wait and can.
    pub waiting_bulk: u64,
    /// The time that the last commit carries, microseconds since 1970; 0: there was none since the start. It never steps
    /// back, whatever the clock does.
    pub last_commit_at: i64,
}
