<?php
/* Where the shared key lies, under which address Apache shows the pages, the command
   that backs them up, and where a backup is kept that root has to restore. */
return array(
    'key_file' => '/etc/massivesms/sso.key',
    'address' => '/massivesms',
    'command' => 'massivesms',
    'kept' => '/var/lib/massivesms',
);
