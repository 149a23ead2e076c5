-- Bulk files: messages of a file for several campaigns, each row naming its own.

-- With 'bulk', the loads of bulk files, which are on their own page.
ALTER TABLE import
  MODIFY COLUMN kind ENUM('file','call_records','list','manual','blocked','automatic',
                          'api','bulk') NOT NULL;
