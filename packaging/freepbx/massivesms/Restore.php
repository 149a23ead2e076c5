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
            if ($file->getFilename() !== 'massivesms.backup') {
                continue;
            }
            try {
                Command::run(array('restore', $file->getPathname(), '--replace'));
            } catch (\Exception $refused) {
                $kept = $this->keep($file->getPathname());
                // Thrown on, it would end FreePBX's restore before the other modules.
                $this->log(
                    $refused->getMessage() . ' -- massivesms was NOT restored. Its backup is'
                    . " kept in $kept. Stop it (service massivesms stop; service"
                    . ' massivesms-web stop), then run as root:'
                    . " massivesms restore $kept --replace",
                    'ERROR'
                );
            }
        }
    }

    /* FreePBX would uninstall the module first; nothing of it is in the way. */
    public function reset()
    {
    }

    /*
     * Restoring takes root's rights in the database, which FreePBX does not have, and
     * it removes the file when it has ended: a copy for root, that nobody else reads.
     */
    private function keep($file)
    {
        $settings = require __DIR__ . '/settings.php';
        $kept = @tempnam($settings['kept'], 'from-freepbx-');
        if ($kept === false || !copy($file, $kept)) {
            throw new \Exception('massivesms: no copy of its backup could be kept in '
                . $settings['kept'] . ': take it out of the backup of FreePBX by hand.');
        }
        return $kept;
    }
}
