-- What an administrator narrows the list of the audit by, each in the order of the list. Who did it is the agent without
-- the application that did it for them. Failures and emergencies are few, and so are their entries.
CREATE INDEX audit_by_who ON audit (tenant, substr(agent, 1, instr(agent || ' by ', ' by ') - 1), at);
CREATE INDEX audit_failed ON audit (tenant, at) WHERE success = 0;
CREATE INDEX audit_emergency ON audit (tenant, at) WHERE purpose = 'BTG';
