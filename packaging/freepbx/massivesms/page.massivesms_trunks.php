<?php
echo FreePBX::create()->Massivesms->showPage('trunks');
