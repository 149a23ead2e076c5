<?php
/*
 * Gives massivesms the file that Backup.php put into FreePBX's backup.
 *
 * Part of massivesms, GPL-2.0-or-later.
 */
namespace FreePBX\modules\Massivesms;

require_once __DIR__ . '/Command.php';

class Restore extends \FreePBX\modules\Backup\RestoreBase
{
    public function runRestore()
    {
        foreach ($this->getFiles() as $file) {
            if ($file->getFilename() === 'massivesms.backup') {
                Command::run(array('restore', $file->getPathname(), '--replace'));
            }
        }
    }

    /* FreePBX would uninstall the module first; nothing of it is in the way. */
    public function reset()
    {
    }
}
