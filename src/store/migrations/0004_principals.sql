-- A principal that was ended keeps its name, so that nobody comes to what it owned by taking that.
ALTER TABLE principal ADD COLUMN ended_ms INTEGER;
CREATE INDEX principal_ended ON principal (tenant, name) WHERE ended_ms IS NOT NULL;
CREATE INDEX token_by_principal ON token (tenant, principal);
CREATE INDEX access_key_by_principal ON access_key (tenant, principal);

-- Whose rights the function acts with. Until now nobody's were kept, but for their role: those of who brought the code that runs.
ALTER TABLE function ADD COLUMN author TEXT NOT NULL DEFAULT '';
UPDATE function SET author = coalesce(
  (SELECT v.created_by FROM function_version v WHERE v.function = function.number AND v.number = function.version), owner);

-- Role of who gave each secret, {name: role}: until now that was not kept, so it counts as given by the highest who may have.
ALTER TABLE function ADD COLUMN secret_roles TEXT NOT NULL DEFAULT '{}';
UPDATE function SET secret_roles = (
  SELECT json_group_object(s.value, CASE
    WHEN function.role = 'developer' AND EXISTS (
      SELECT 1 FROM principal p WHERE p.tenant = function.tenant AND p.name = function.owner AND p.role = 'developer')
    THEN 'developer' ELSE 'admin' END)
  FROM json_each(function.secret_names) s);

-- In other tenants than its own an operator acts under a name that nobody else can have, `operator:<name>`. What it made there before
-- bears its bare name: it stays the operator's unless the tenant has a principal of that name, who reached it until now.
CREATE TEMP TABLE renamed AS SELECT t.id AS tenant, o.name AS name
  FROM tenant t, principal o
  WHERE t.id <> 'default' AND o.tenant = 'default' AND o.role = 'operator'
    AND NOT EXISTS (SELECT 1 FROM principal p WHERE p.tenant = t.id AND p.name = o.name);
UPDATE bucket SET owner = 'operator:' || owner WHERE (tenant, owner) IN (SELECT tenant, name FROM renamed);
UPDATE object SET owner = 'operator:' || owner
  WHERE ((SELECT b.tenant FROM bucket b WHERE b.uuid = object.bucket), owner) IN (SELECT tenant, name FROM renamed);
UPDATE upload SET owner = 'operator:' || owner
  WHERE ((SELECT b.tenant FROM bucket b WHERE b.uuid = upload.bucket), owner) IN (SELECT tenant, name FROM renamed);
UPDATE subscription SET owner = 'operator:' || owner WHERE (tenant, owner) IN (SELECT tenant, name FROM renamed);
UPDATE app SET owner = 'operator:' || owner WHERE (tenant, owner) IN (SELECT tenant, name FROM renamed);
UPDATE function SET owner = 'operator:' || owner WHERE (tenant, owner) IN (SELECT tenant, name FROM renamed);
UPDATE function SET author = 'operator:' || author WHERE (tenant, author) IN (SELECT tenant, name FROM renamed);
UPDATE registered SET owner = 'operator:' || owner WHERE (tenant, owner) IN (SELECT tenant, name FROM renamed);
DROP TABLE renamed;
