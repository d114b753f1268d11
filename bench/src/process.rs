//! What the system says of a process: its CPU time and its memory.

use std::path::Path;

use anyhow::{Context, Result, ensure};

/// What the kernel counts CPU in, per second (`USER_HZ`).
const TICKS: f64 = 100.0;

/// A process of this machine. Its children are processes of their own.
#[derive(Debug, Clone, Copy)]
pub struct Process(pub u32);

impl Process {
    /// CPU seconds of all its threads until now, of the system's part too.
    pub fn cpu_s(self) -> Result<f64> {
        let stat = read(format!("/proc/{}/stat", self.0))?;
        // The name stands in brackets and may hold anything; state is the third field, utime and stime 14 and 15.
        let (_, rest) = stat.rsplit_once(')').context("stat without a name")?;
        let ticks: Vec<f64> =
            rest.split_whitespace().skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
        ensure!(ticks.len() == 2, "stat without CPU times");
        Ok(ticks.iter().sum::<f64>() / TICKS)
    }

    /// Memory that it holds, 10^6 bytes (`VmRSS`).
    pub fn memory_mb(self) -> Result<f64> {
        self.status_mb("VmRSS:")
    }

    /// The most memory that it held since its start or since `forget_most_memory`, 10^6 bytes (`VmHWM`).
    pub fn most_memory_mb(self) -> Result<f64> {
        self.status_mb("VmHWM:")
    }

    /// The most memory is counted anew, from what it holds now.
    pub fn forget_most_memory(self) -> Result<()> {
        let path = format!("/proc/{}/clear_refs", self.0);
        std::fs::write(&path, "5").with_context(|| format!("writing {path}"))
    }

    fn status_mb(self, name: &str) -> Result<f64> {
        let status = read(format!("/proc/{}/status", self.0))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)).context("no such memory")?;
        let kib: f64 = line.trim().trim_end_matches("kB").trim().parse().context("memory is no number")?;
        Ok(kib * 1024.0 / 1e6)
    }
}

fn read(path: impl AsRef<Path>) -> Result<String> {
    let path = path.as_ref();
    std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_tells_of_itself() {
        let own = Process(std::process::id());
        let mut sum = 0_u64;
        let begun = own.cpu_s().unwrap();
        while own.cpu_s().unwrap() < begun + 0.02 {
            sum = sum.wrapping_add(std::hint::black_box(1));
        }
        assert!(own.memory_mb().unwrap() <= own.most_memory_mb().unwrap());
        own.forget_most_memory().unwrap();
        let held = vec![1_u8; 64 << 20];
        assert!(own.most_memory_mb().unwrap() > 64.0, "{} {sum}", held.len());
    }

    #[test]
    fn a_process_that_is_not_there_is_an_error() {
        assert!(Process(u32::MAX).cpu_s().is_err());
    }
}
