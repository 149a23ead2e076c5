<?php
echo FreePBX::create()->Massivesms->showPage('configuration');
