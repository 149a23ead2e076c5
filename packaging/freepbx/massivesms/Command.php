<?php
/*
 * Runs the command massivesms for backup and restore.
 *
 * Part of massivesms, GPL-2.0-or-later.
 */
namespace FreePBX\modules\Massivesms;

class Command
{
    /* Throws what the command says when it refuses. */
    public static function run($arguments)
    {
        $settings = require __DIR__ . '/settings.php';
        $line = implode(' ', array_map('escapeshellarg', array_merge(
            array($settings['command']),
            $arguments
        )));
        $said = array();
        $status = 1;
        exec($line . ' 2>&1', $said, $status);
        if ($status !== 0) {
            throw new \Exception('massivesms: ' . implode(' ', $said));
        }
    }
}
