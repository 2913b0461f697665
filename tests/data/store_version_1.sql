BEGIN TRANSACTION;
CREATE TABLE assignments (
	sha256 TEXT NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (sha256)
);
INSERT INTO "assignments" VALUES('f8f2ff90534e5433bf6b5e0ee4caef2f7c5280a4653b783ec031649f5e69d1a9','{"format":1,"report":{"lat":32.0,"lng":120.8,"text":""},"roles":{}}');
CREATE TABLE days (
	day TEXT NOT NULL, 
	last INTEGER NOT NULL, 
	PRIMARY KEY (day)
);
INSERT INTO "days" VALUES('2026-11-21',2);
CREATE TABLE events (
	seq INTEGER NOT NULL, 
	issue_id INTEGER, 
	at_us BIGINT NOT NULL, 
	actor TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	"before" TEXT NOT NULL, 
	"after" TEXT NOT NULL, 
	private TEXT NOT NULL, 
	prev_hash TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	PRIMARY KEY (seq), 
	FOREIGN KEY(issue_id) REFERENCES issues (id)
);
INSERT INTO "events" VALUES(1,1,1795233600000000,'desk','received','','{}','{"asset_id":"L1","asset_kind":"street_light","assignment":"f8f2ff90534e5433bf6b5e0ee4caef2f7c5280a4653b783ec031649f5e69d1a9","category":"0118","cell_code":"A00","cell_path":"A/A00","certainty":"certain","due_us":null,"flags":"","generation":"0001","geometry":null,"lat":32.0,"lng":120.8,"merged_into":null,"number":"20261121-0001","owner_id":"lamps","owner_share":0.97,"report":{"accuracy_m":null,"category":"0118","channel":"wechat","datum":"wgs84","generation":"","geometry":null,"lat":32.0,"level":null,"lng":120.8,"occurred_us":1795233600000000,"received_us":1795233600000000,"uid":"01a1fc42-d200-71e4-92d7-3963a4d54cbd","zone_assumed":false},"report_count":1,"status":"received","uid":"01a1fc42-d200-71e4-92d7-3963edb9d868","version":1}','{"contact":"00fea5960748161dccadb330035c717b4462192ecd14d852d3f66970316877e2","photos":["75956bbfd0b4632189c3b767a2f187be2d7d07c9199501860545761e5bb10774"],"reporter":"d988ad20b4d9a8e50e6daf9bd9dd32feef788c8611d3819ca65e7a406ca83fa7","text":"0b41be68c6018285763c91983100407dfa446ae5229f898d878e2e56b75edf82"}','0000000000000000000000000000000000000000000000000000000000000000','360eec8343ae68a8962b0da68b7164a72af79278a3dfc0ca8b21173359119c43');
INSERT INTO "events" VALUES(2,2,1795233600000001,'desk','received','','{}','{"asset_id":"L1","asset_kind":"street_light","assignment":"f8f2ff90534e5433bf6b5e0ee4caef2f7c5280a4653b783ec031649f5e69d1a9","category":"0118","cell_code":"A00","cell_path":"A/A00","certainty":"certain","due_us":null,"flags":"","generation":"0001","geometry":null,"lat":32.0,"lng":120.8,"merged_into":null,"number":"20261121-0002","owner_id":null,"owner_share":0.97,"report":{"accuracy_m":null,"category":"0118","channel":"wechat","datum":"wgs84","generation":"","geometry":null,"lat":32.0,"level":null,"lng":120.8,"occurred_us":1795233600000000,"received_us":1795233600000000,"uid":"01a1fc42-d200-71fe-95fe-541c5dd510ba","zone_assumed":false},"report_count":1,"status":"received","uid":"01a1fc42-d200-72ee-8d7d-1e372422058f","version":1}','{"contact":"d4b15fb091255f825a78ac306074f5d31ab4aad19a71a88facc0f116dd64f4eb","photos":["e9d847edc3619d84b8b1d7fde1c47565c9b2c9761a9038e9ce7797318a882ce8"],"reporter":"f4aef3d5243e826a26d321038b21a7f984bf2ed4ceac0bb393cd11e89793225c","text":"2e18cf1730bf1a043d985658341e673e701df4a7a41aaaf7d612e3c3bf1f761e"}','360eec8343ae68a8962b0da68b7164a72af79278a3dfc0ca8b21173359119c43','23c74c8f15e6626afb5c27641b6f674b0229e02ff2d5d4409a02fdb8c24fcb16');
INSERT INTO "events" VALUES(3,1,1795233600000002,'lin','dispatched','电话','{"status":"received","version":1}','{"status":"dispatched","version":2}','{}','23c74c8f15e6626afb5c27641b6f674b0229e02ff2d5d4409a02fdb8c24fcb16','376104005208abeb1b246a7248b771292ee97befee371c0e73c910763ffcf829');
CREATE TABLE heads (
	id INTEGER NOT NULL, 
	report BIGINT NOT NULL, 
	issue BIGINT NOT NULL, 
	event BIGINT NOT NULL, 
	hash TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "heads" VALUES(1,2,2,3,'376104005208abeb1b246a7248b771292ee97befee371c0e73c910763ffcf829');
CREATE TABLE idempotency_keys (
	scope TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	body_digest TEXT NOT NULL, 
	answer BLOB NOT NULL, 
	expires_us BIGINT NOT NULL, 
	PRIMARY KEY (scope, "key")
);
CREATE TABLE issues (
	id INTEGER NOT NULL, 
	uid TEXT NOT NULL, 
	number TEXT NOT NULL, 
	status TEXT NOT NULL, 
	category TEXT NOT NULL, 
	lng DOUBLE, 
	lat DOUBLE, 
	geometry BLOB, 
	quadkey BIGINT, 
	cell_code TEXT NOT NULL, 
	cell_path TEXT NOT NULL, 
	owner_id TEXT, 
	asset_kind TEXT, 
	asset_id TEXT, 
	certainty TEXT NOT NULL, 
	owner_share DOUBLE, 
	assignment TEXT, 
	generation TEXT NOT NULL, 
	report_count INTEGER NOT NULL, 
	created_us BIGINT NOT NULL, 
	updated_us BIGINT NOT NULL, 
	due_us BIGINT, 
	flags TEXT NOT NULL, 
	merged_into TEXT, 
	version INTEGER NOT NULL, 
	seq BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (uid), 
	UNIQUE (number), 
	FOREIGN KEY(assignment) REFERENCES assignments (sha256)
);
INSERT INTO "issues" VALUES(1,'01a1fc42-d200-71e4-92d7-3963edb9d868','20261121-0001','dispatched','0118',120.8,32.0,NULL,3829862096665600,'A00','A/A00','lamps','street_light','L1','certain',0.97,'f8f2ff90534e5433bf6b5e0ee4caef2f7c5280a4653b783ec031649f5e69d1a9','0001',1,1795233600000000,1795233600000002,NULL,'',NULL,2,3);
INSERT INTO "issues" VALUES(2,'01a1fc42-d200-72ee-8d7d-1e372422058f','20261121-0002','received','0118',120.8,32.0,NULL,3829862096665600,'A00','A/A00',NULL,'street_light','L1','certain',0.97,'f8f2ff90534e5433bf6b5e0ee4caef2f7c5280a4653b783ec031649f5e69d1a9','0001',1,1795233600000001,1795233600000001,NULL,'',NULL,1,2);
CREATE TABLE meta (
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "meta" VALUES('schema','1');
CREATE TABLE report_photos (
	report_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	sha256 TEXT NOT NULL, 
	PRIMARY KEY (report_id, position), 
	FOREIGN KEY(report_id) REFERENCES report_private (report_id)
);
INSERT INTO "report_photos" VALUES(1,0,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa');
INSERT INTO "report_photos" VALUES(2,0,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa');
CREATE TABLE report_private (
	report_id INTEGER NOT NULL, 
	salt BLOB NOT NULL, 
	reporter TEXT NOT NULL, 
	contact TEXT NOT NULL, 
	text TEXT NOT NULL, 
	sources TEXT NOT NULL, 
	assigned_text TEXT, 
	PRIMARY KEY (report_id), 
	FOREIGN KEY(report_id) REFERENCES reports (id)
);
INSERT INTO "report_private" VALUES(1,X'47136122F755C43D3D3D9296F09F595C66AB28BCECBF349258317AE784C696A9','openid-1','13800000000','张三 门口 13800000000','',NULL);
INSERT INTO "report_private" VALUES(2,X'5586DC44EB9EF5A337C76CDAC048D6DA8A3531027CD82B2C4220EDBCFB3CFBC5','openid-1','13800000000','张三 门口 13800000000','',NULL);
CREATE TABLE reports (
	id INTEGER NOT NULL, 
	uid TEXT NOT NULL, 
	issue_id INTEGER NOT NULL, 
	channel TEXT NOT NULL, 
	external_id TEXT, 
	body_digest TEXT NOT NULL, 
	received_us BIGINT NOT NULL, 
	occurred_us BIGINT NOT NULL, 
	zone_assumed BOOLEAN NOT NULL, 
	lng DOUBLE, 
	lat DOUBLE, 
	datum TEXT NOT NULL, 
	accuracy_m DOUBLE, 
	level DOUBLE, 
	geometry BLOB, 
	category TEXT NOT NULL, 
	generation TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (channel, external_id), 
	UNIQUE (uid), 
	FOREIGN KEY(issue_id) REFERENCES issues (id)
);
INSERT INTO "reports" VALUES(1,'01a1fc42-d200-71e4-92d7-3963a4d54cbd',1,'wechat','x1','713f940f92571d435e829d4025a7172d340c81742b63d8d2401dfa441bffc77c',1795233600000000,1795233600000000,0,120.8,32.0,'wgs84',NULL,NULL,NULL,'0118','');
INSERT INTO "reports" VALUES(2,'01a1fc42-d200-71fe-95fe-541c5dd510ba',2,'wechat',NULL,'5e6c636a0bef85aa388ba3d065b51642041db559313e70bc35a7b6a936358340',1795233600000000,1795233600000000,0,120.8,32.0,'wgs84',NULL,NULL,NULL,'0118','');
CREATE INDEX ix_idempotency_keys_expires_us ON idempotency_keys (expires_us);
CREATE INDEX issues_by_category ON issues (category, seq);
CREATE INDEX issues_by_cell ON issues (cell_path);
CREATE INDEX issues_by_status ON issues (status, seq);
CREATE INDEX issues_by_quadkey ON issues (quadkey);
CREATE UNIQUE INDEX issues_by_seq ON issues (seq);
CREATE INDEX issues_by_created ON issues (created_us);
CREATE INDEX issues_by_updated ON issues (updated_us);
CREATE INDEX issues_by_owner ON issues (owner_id, seq);
CREATE INDEX ix_reports_received_us ON reports (received_us);
CREATE INDEX ix_reports_issue_id ON reports (issue_id);
CREATE INDEX events_by_issue ON events (issue_id, seq);
CREATE INDEX private_by_reporter ON report_private (reporter);
CREATE INDEX ix_report_photos_sha256 ON report_photos (sha256);
CREATE TRIGGER events_no_update BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER events_no_delete BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER reports_no_update BEFORE UPDATE ON reports BEGIN SELECT RAISE(ABORT, 'reports are never changed'); END;
CREATE TRIGGER reports_no_delete BEFORE DELETE ON reports BEGIN SELECT RAISE(ABORT, 'reports are never changed'); END;
CREATE TRIGGER assignments_no_update BEFORE UPDATE ON assignments BEGIN SELECT RAISE(ABORT, 'assignments are never changed'); END;
CREATE TRIGGER assignments_no_delete BEFORE DELETE ON assignments BEGIN SELECT RAISE(ABORT, 'assignments are never changed'); END;
COMMIT;
