-- What an administrator narrows the list of the audit by, in the order of the list. Failures and emergencies are few, and
-- so are their entries: a row of everyday pays nothing for them.
CREATE INDEX audit_failed ON audit (tenant, at) WHERE success = 0;
CREATE INDEX audit_emergency ON audit (tenant, at) WHERE purpose = 'BTG';
