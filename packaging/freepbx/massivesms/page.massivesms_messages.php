<?php
echo FreePBX::create()->Massivesms->showPage('messages');
