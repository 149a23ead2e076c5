<?php
require_once dirname(__DIR__) . '/massivesms/libs/page.php';
