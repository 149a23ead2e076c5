<?php
echo FreePBX::create()->Massivesms->showPage('send');
