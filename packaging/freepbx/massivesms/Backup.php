<?php
/*
 * Puts massivesms' own backup into FreePBX's: the tables, without the keys, which
 * stay on the server.
 *
 * Part of massivesms, GPL-2.0-or-later.
 */
namespace FreePBX\modules\Massivesms;

require_once __DIR__ . '/Command.php';

class Backup extends \FreePBX\modules\Backup\BackupBase
{
    public function runBackup($id, $transaction)
    {
        $directory = sys_get_temp_dir() . '/massivesms-backup-' . uniqid();
        if (!mkdir($directory, 0700)) {
            throw new \Exception('massivesms: cannot make ' . $directory);
        }
        $this->addGarbage($directory);
        $file = $directory . '/massivesms.backup';
        Command::run(array('backup', $file));
        $this->addDirectories(array($directory));
        $this->addSplFile(new \SplFileInfo($file));
    }
}
