<?php
echo FreePBX::create()->Massivesms->showPage('campaigns');
