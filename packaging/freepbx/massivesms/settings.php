<?php
/* Where the shared key lies, under which address Apache shows the pages, and the
   command that backs them up. */
return array(
    'key_file' => '/etc/massivesms/sso.key',
    'address' => '/massivesms',
    'command' => 'massivesms',
);
