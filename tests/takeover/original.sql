-- A database as the original Elastix module has it, with invented data: every
-- status, latin1 and doubly encoded texts, numbers and names that give trouble.
-- Written for the tests from the facts about its tables; loaded octet by octet.

SET NAMES binary;
SET sql_mode = '';

CREATE TABLE config (
  country_code SMALLINT NOT NULL,
  mobile_prefixes TEXT NOT NULL,
  min_mobile_length SMALLINT NOT NULL,
  max_mobile_length SMALLINT NOT NULL
) ENGINE=MyISAM DEFAULT CHARSET=latin1;
INSERT INTO config VALUES (34, '6\r\n346\r\n00346\r\n7', 9, 9);

CREATE TABLE service_types (
  type VARCHAR(80) NOT NULL PRIMARY KEY,
  name VARCHAR(255) NOT NULL,
  active TINYINT NOT NULL DEFAULT 1
) ENGINE=InnoDB DEFAULT CHARSET=latin1;
INSERT INTO service_types VALUES ('SMPP', 'SMPP Server', 1), ('BASH', 'Bash Script', 1),
  ('InfoBip', 'InfoBip', 0);

CREATE TABLE service_type_providers (
  provider INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  service_type VARCHAR(80) NOT NULL,
  name VARCHAR(255) NOT NULL,
  server VARCHAR(255) DEFAULT NULL,
  port INT DEFAULT NULL,
  append_country_code TINYINT DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=latin1;
INSERT INTO service_type_providers VALUES
  (1, 'SMPP', 'Provider of the tests', 'smpp.example.net', 2775, 1);

CREATE TABLE sms_trunk (
  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(255) DEFAULT NULL,
  active TINYINT NOT NULL,
  service_type VARCHAR(80) NOT NULL,
  server VARCHAR(255) DEFAULT NULL,
  user VARCHAR(80) NOT NULL,
  password VARCHAR(80) NOT NULL,
  port INT DEFAULT NULL,
  system_type VARCHAR(80) DEFAULT NULL,
  trunk_priority TINYINT NOT NULL DEFAULT 0,
  clid VARCHAR(14) DEFAULT NULL,
  append_country_code TINYINT DEFAULT NULL,
  script TEXT
) ENGINE=InnoDB DEFAULT CHARSET=latin1;
INSERT INTO sms_trunk VALUES
  (1, 'Operador', 1, 'SMPP', 'smpp.example.net', 'oficina', 'it''s "s3cret" \\ pass',
   8888, 'SMPP', 0, 'OFICINA', 1, NULL),
  (2, 'Guion', 1, 'BASH', '', '', '', 0, '', 2, '34600000000', 0, 'envia.sh'),
  (3, 'Guion', 1, 'BASH', '', '', '', 0, '', 3, '', NULL, 'falta.sh'),
  (4, 'Viejo', 1, 'InfoBip', 'x', 'y', 'z', 0, '', 4, '', 0, NULL),
  (5, 'Acento', 0, 'SMPP', 'a.example.net', 'usuario', '', NULL, NULL, 5, 'Peña', 0, NULL),
  (6, 'Usuario larguísimo', 1, 'SMPP', 'b.example.net', 'mas-de-quince-letras', 'p',
   2775, '', 6, '', 0, NULL);

CREATE TABLE list (
  list INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(255) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=latin1;
INSERT INTO list VALUES
  (1, 'Clientes'),                 -- one of ours has this name
  (2, CONVERT(X'456D706C6561646F73206465204C65F36E' USING binary)), -- latin1
  (3, 'Atención'),                 -- UTF-8 in the latin1 column
  (4, CONCAT(REPEAT('largo ', 40), 'fin')),
  (5, 'Vacía');

CREATE TABLE list_numbers (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  list INT UNSIGNED NOT NULL,
  number VARCHAR(45) NOT NULL,
  status CHAR(1) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=latin1;
INSERT INTO list_numbers (list, number, status) VALUES
  (1, '600000001', 'I'), (1, '34600000002', 'E'), (1, '0034600000003', 'I'),
  (1, '34600000001', 'I'),          -- the same person again
  (1, '600000003', 'E'),            -- and one who refused under another spelling
  (1, '12', 'I'), (1, '*6000#', 'I'), (1, '', 'I'),
  (2, '600000010', 'I'), (2, '700000011', 'I'), (2, '912345678', 'I'),
  (3, '600000020', 'E'), (4, '600000030', 'I'),
  (99, '600000040', 'I');
-- (of a list that was deleted)

CREATE TABLE campaign (
  campaign INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(255) NOT NULL,
  message VARCHAR(255) NOT NULL,
  start_time TIME NOT NULL,
  end_time TIME NOT NULL,
  status CHAR(1) NOT NULL DEFAULT 'P',
  start_date DATETIME NOT NULL,
  clid VARCHAR(45) DEFAULT NULL,
  code VARCHAR(255) DEFAULT NULL,
  trunk INT DEFAULT NULL,
  code_desc VARCHAR(255) DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=latin1;
INSERT INTO campaign VALUES
  (1, 'Cola de Salida', '', '00:00:00', '23:59:00', 'P', '2010-12-01 00:00:00', '',
   NULL, NULL, NULL),
  (2, 'Rebajas', 'Rebajas de invierno', '08:00:00', '20:00:00', 'E',
   '2012-01-07 00:00:00', 'TIENDA', NULL, 1, NULL),
  (3, 'Terminada', 'Adiós', '00:00:00', '23:59:00', 'F', '2012-01-08 00:00:00', NULL,
   NULL, NULL, NULL),
  (4, 'Parada', 'Hola', '22:00:00', '06:00:00', 'S', '0000-00-00 00:00:00',
   'demasiado largo', '14', 77, 'Invalid password'), -- its trunk was deleted
  (5, 'Pendiente', 'Mañana', '08:00:00', '08:00:00', 'P', '2012-07-01 00:00:00', '',
   NULL, 2, NULL),
  (6, 'No permitida', 'Texto', '08:00:00', '20:00:00', 'N', '2012-07-01 00:00:00', '',
   '8', NULL, 'System error'),
  (7, 'rebájas', '', '08:00:00', '20:00:00', 'S', '2012-07-01 00:00:00', '', NULL,
   NULL, NULL),
  (8, 'Doble', 'x', '00:00:00', '00:00:00', 'S', '2012-07-01 00:00:00', '', NULL,
   NULL, NULL);
-- What a dump loaded with the wrong character set makes of "Mañana, 5€": twice UTF-8.
UPDATE campaign SET message = CONVERT(
  X'4D61C383C2B1616E612C2035C3A2E2809AC2AC' USING binary) WHERE campaign = 8;

CREATE TABLE campaign_numbers (
  campaign INT UNSIGNED NOT NULL,
  number VARCHAR(45) NOT NULL,
  status CHAR(1) DEFAULT 'P',
  last DATETIME DEFAULT NULL,
  process INT UNSIGNED DEFAULT NULL,
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  message VARCHAR(255) NOT NULL,
  src VARCHAR(80) DEFAULT NULL,
  code VARCHAR(255) DEFAULT NULL,
  trunk INT NOT NULL DEFAULT 0,
  code_desc VARCHAR(255) DEFAULT NULL,
  KEY campaign (campaign)
) ENGINE=InnoDB DEFAULT CHARSET=latin1;
INSERT INTO campaign_numbers
  (campaign, number, status, last, process, message, src, code, trunk, code_desc)
VALUES
  (1, '600000100', 'F', '2012-07-02 10:00:00', NULL, 'Su cita: mañana', '101', '0', 2,
   'Message delivered for sending'),
  (1, '600000101', 'P', NULL, NULL, 'Aún sin enviar', '101', NULL, 2, NULL),
  (1, '600000102', 'B', '2012-07-02 10:05:00', 4321, 'En camino', '102', NULL, 0, NULL),
  (2, '600000200', 'F', '2012-01-07 09:00:00', NULL, '', NULL, '0', 1,
   'Message delivered for sending'),
  (2, '600000201', 'P', '2012-01-07 09:01:00', NULL, '', NULL, NULL, 1, NULL),
  (2, '600000202', 'N', '2012-01-07 09:02:00', NULL, '', NULL, '88', 1,
   'Throttling error'),
  (2, '600000203', 'I', '2012-01-07 09:03:00', NULL, '', NULL, '80', 1,
   'Invalid destination address type of number ( TON )'),
  (2, '600000204', 'B', '2012-01-07 09:04:00', 4321, '', NULL, NULL, 1, NULL),
  (2, '600000205', 'P', NULL, NULL, 'Solo para usted', NULL, NULL, 2, NULL),
  (2, '6000', 'P', NULL, NULL, 'Número corto', NULL, NULL, 1, NULL),
  (2, '600000206', 'S', NULL, NULL, '', NULL, NULL, 1, NULL),
  (2, '600000207', '?', NULL, NULL, '', NULL, NULL, 1, NULL),
  (2, '600000208', NULL, NULL, NULL, '', NULL, NULL, 1, NULL),
  (2, '600000209', 'e', NULL, NULL, '', NULL, NULL, 1, NULL),
  (3, '600000300', 'F', '2012-01-08 12:00:00', NULL, '', NULL, '0', 77, 'OK'),
  (3, '600000301', 'P', NULL, NULL, '', NULL, NULL, 0, NULL),
  (4, '600000400', 'P', NULL, NULL, '', NULL, NULL, 77, NULL),
  (5, '600000500', 'P', NULL, NULL, '', NULL, NULL, 2, NULL),
  (6, '600000600', 'N', NULL, NULL, '', NULL, '8', 0, 'System error'),
  (7, '600000700', 'P', NULL, NULL, 'Con texto', NULL, NULL, 0, NULL),
  (7, '600000701', 'P', NULL, NULL, '', NULL, NULL, 0, NULL),
  (8, '600000800', 'P', NULL, NULL, '', NULL, NULL, 0, NULL),
  (98, '600000900', 'P', NULL, NULL, 'De nadie', NULL, NULL, 0, NULL);
