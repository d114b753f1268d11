//! What is read of a tenant so often that it is kept in memory until somebody writes it.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use bianque_model::TenantId;

use crate::Error;

/// One thing of each tenant. Whoever writes it says so with `renew` after the commit.
#[derive(Debug)]
pub struct PerTenant<T>(Mutex<HashMap<TenantId, Read<T>>>);

#[derive(Debug)]
struct Read<T> {
    /// How often it was written.
    writes: u64,
    value: Option<Arc<T>>,
}

impl<T> Default for PerTenant<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> PerTenant<T> {
    /// What is kept, or what is read now.
    pub(crate) async fn of(
        &self,
        tenant: TenantId,
        read: impl Future<Output = Result<T, Error>>,
    ) -> Result<Arc<T>, Error> {
        let (writes, kept) = self.with(tenant, |kept| (kept.writes, kept.value.clone()));
        if let Some(kept) = kept {
            return Ok(kept);
        }
        let value = Arc::new(read.await?);
        self.with(tenant, |kept| {
            // What was written meanwhile is read by the next who asks.
            if kept.writes == writes {
                kept.value = Some(Arc::clone(&value));
            }
        });
        Ok(value)
    }

    /// It was written: it is read anew.
    pub(crate) fn renew(&self, tenant: TenantId) {
        self.with(tenant, |kept| *kept = Read { writes: kept.writes + 1, value: None });
    }

    fn with<R>(&self, tenant: TenantId, of: impl FnOnce(&mut Read<T>) -> R) -> R {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        of(all.entry(tenant).or_insert_with(|| Read { writes: 0, value: None }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_written_while_it_was_read_is_read_again() {
        let kept = PerTenant::default();
        let tenant = TenantId::FIRST;
        let read = kept.of(tenant, async {
            kept.renew(tenant);
            Ok(1)
        });
        assert_eq!(*read.await.unwrap(), 1);
        assert_eq!(*kept.of(tenant, async { Ok(2) }).await.unwrap(), 2);
        assert_eq!(*kept.of(tenant, async { Ok(3) }).await.unwrap(), 2, "it is kept");
        assert_eq!(*kept.of(TenantId(2), async { Ok(4) }).await.unwrap(), 4, "another tenant's is its own");
    }
}
