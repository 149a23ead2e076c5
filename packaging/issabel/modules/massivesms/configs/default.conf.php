<?php
/* Where the shared key lies, and under which address Apache shows the pages. */
global $arrConfModule;
$arrConfModule['massivesms_key_file'] = '/etc/massivesms/sso.key';
$arrConfModule['massivesms_address'] = '/massivesms';
